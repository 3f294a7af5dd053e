"""Loop 3, the trainer: the model guesses, sees the right answer, and gets a little better.

Shapes: B windows, T tokens each, V tokens in the vocabulary.
Source: the optimizer is AdamW, Loshchilov and Hutter 2019, arXiv:1711.05101.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

CHECKPOINT_VERSION = 1


def get_batch(
    ids: Tensor | Sequence[int], batch_size: int, block_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Cut windows out of a text at random places.

    Args:
        ids: the text as ids, at least block_size + 1 of them: a 1-D tensor, an array, or a list.
        batch_size: how many windows, B.
        block_size: tokens per window, T.
        generator: where the random numbers come from.

    Returns:
        x and y, both int64, (B, T). y holds the right answers: the same window, one token later.

    Raises:
        ValueError: there are fewer ids than one window and the token after it.
    """
    # Refuse a short text: a window needs block_size tokens, and one more as the last right answer.
    if len(ids) < block_size + 1:
        raise ValueError(
            f"one window needs {block_size + 1} ids, got {len(ids)}: use a longer text"
        )
    # Choose where each window starts. The last window ends just before the last token.
    starts = torch.randint(len(ids) - block_size, (batch_size,), generator=generator).tolist()
    # Cut the windows out, each with one token more. Make tensors of these few ids only:
    # the whole text may be a large file.
    cuts = [ids[start : start + block_size + 1] for start in starts]
    cuts = [torch.asarray(cut, dtype=torch.int64, copy=True) for cut in cuts]
    # The right answer to each token is the token that comes one later.
    x = torch.stack([cut[:-1] for cut in cuts])
    y = torch.stack([cut[1:] for cut in cuts])
    return x, y


def train(
    model: nn.Module,
    ids: Tensor | Sequence[int],
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Train the model on random windows of a text.

    Args:
        model: maps ids (B, T) to logits (B, T, V).
        ids: the text as ids, see get_batch.
        steps: how many batches to learn from, at least 1.
        batch_size: windows per batch.
        block_size: tokens per window, up to the model's block_size.
        learning_rate: how far each step moves the parameters.
        seed: the same seed draws the same windows.
        on_step: called after each step with the step, counted from 1, and its loss.

    Returns:
        The loss of each step: the average surprise at the right answer, in nats.
        Guessing evenly costs ln V.

    Raises:
        ValueError: steps is below 1, or there are too few ids.
    """
    # Refuse to take no step at all.
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    # Set up: a source of random numbers with this seed, an optimizer for the parameters, and an
    # empty list for the losses.
    generator = torch.Generator().manual_seed(seed)
    device = next(model.parameters()).device
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses = []
    # Remember the model's mode, and switch it to learning.
    was_training = model.training
    model.train()
    # Whatever happens in here, the mode is restored at the end.
    try:
        # Take one step after the other, counted from 1:
        for step in range(1, steps + 1):
            # Guess: draw a batch of windows, and let the model score every possible next token.
            x, y = get_batch(ids, batch_size, block_size, generator)
            logits = model(x.to(device))  # (B, T) -> (B, T, V)
            # Compare: how surprised is the model by the right answers?
            loss = cross_entropy(logits.flatten(0, 1), y.to(device).flatten())
            # Learn: forget the last gradients, find the new ones, move each parameter a little.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # Write the loss down, and tell whoever wants to know.
            losses.append(loss.item())
            if on_step is not None:
                on_step(step, losses[-1])
    finally:
        model.train(was_training)
    return losses


def save_checkpoint(path: str | Path, model: nn.Module, tokenizer) -> None:
    """Save a model with its tokenizer. An old file stays whole until the new one is.

    Args:
        path: where to, such as "model.pt".
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.

    Raises:
        OSError: the folder cannot be written to.
    """
    path = Path(path)
    # Keep tensors and plain values only. Then the file cannot carry code.
    checkpoint = {
        "version": CHECKPOINT_VERSION,
        "config": model.config,
        "vocab": list(tokenizer.vocab),
        "weights": model.state_dict(),
    }
    # Write to a file beside it first. If anything stops us, the old file is still whole.
    temporary = path.with_name(path.name + ".tmp")
    try:
        with open(temporary, "wb") as file:
            torch.save(checkpoint, file)
        # Then let the new file take the old one's place, in one go.
        os.replace(temporary, path)
    finally:
        # Leave nothing half-written behind.
        temporary.unlink(missing_ok=True)


def load_checkpoint(path: str | Path) -> tuple[nn.Module, object]:
    """Load what save_checkpoint saved.

    Returns:
        The model, ready to be used (in eval mode, on the CPU), and its tokenizer.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a whole checkpoint of this version.
    """
    # Your own tokenizer and transformer are used. They are imported only here, so that a mistake
    # in one of them cannot stop everything else in this file.
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    # Read tensors and plain values only: a file from a stranger must not run code here.
    with open(path, "rb") as file:
        try:
            checkpoint = torch.load(file, map_location="cpu", weights_only=True)
        # Refuse what cannot be read so, and say what to do.
        except Exception as error:
            raise ValueError(
                f"{path} is damaged, or holds more than tensors: train anew"
            ) from error
    version = checkpoint.get("version") if isinstance(checkpoint, dict) else None
    # Refuse a file of another version: it may hold other things.
    if version != CHECKPOINT_VERSION:
        raise ValueError(
            f"{path} must have version {CHECKPOINT_VERSION}, got {version}: train anew"
        )
    # Build the same model again, and put the trained numbers into it. After the three special
    # tokens, the vocabulary is all the characters that the tokenizer needs.
    try:
        model = MiniGPT(**checkpoint["config"])
        model.load_state_dict(checkpoint["weights"])
        characters = "".join(checkpoint["vocab"][3:])
    # Refuse numbers that do not fit the model.
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} was made by another transformer.py: train anew") from error
    return model.eval(), CharTokenizer(characters)
