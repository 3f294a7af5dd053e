"""trainer.py - training, saving and loading of a small GPT.

Functions:
    get_batch: Cut random windows out of a text.
    train: Train a model on random windows.
    save_checkpoint: Save a model and its tokenizer safely.
    load_checkpoint: Load what ``save_checkpoint`` has saved.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

CHECKPOINT_VERSION = 1


def _cut(ids, start: int, length: int) -> torch.Tensor:
    """Return ``length`` ids from position ``start`` on, as a new int64 tensor."""
    return torch.asarray(ids[start : start + length], dtype=torch.int64, copy=True)


def get_batch(ids, batch_size: int, block_size: int, generator: torch.Generator):
    """Cut random windows, and the right answers for them, out of a text.

    Args:
        ids: The whole text as ids (a 1-D tensor, an array or a list).
        batch_size: The number of windows.
        block_size: The number of ids per window.
        generator: The source of all random numbers.

    Returns:
        A tuple ``(x, y)`` of int64 tensors of shape (batch_size, block_size).

    Raises:
        ValueError: If the text is shorter than ``block_size + 1`` ids.
    """
    # Step 1: Make sure that at least one window and its last answer fit.
    if len(ids) < block_size + 1:
        raise ValueError(f"ids must hold at least {block_size + 1} ids, got {len(ids)}")

    # Step 2: Draw the starting points. The upper bound is exclusive.
    starts = torch.randint(0, len(ids) - block_size, (batch_size,), generator=generator).tolist()

    # Step 3: Fill the rows. y is the same window, one id later.
    x = torch.empty((batch_size, block_size), dtype=torch.int64)
    y = torch.empty((batch_size, block_size), dtype=torch.int64)
    for row, start in enumerate(starts):
        x[row] = _cut(ids, start, block_size)
        y[row] = _cut(ids, start + 1, block_size)  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


def train(
    model: nn.Module,
    ids,
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Train a model on random windows of a text.

    Args:
        model: The model to train. It is changed in place.
        ids: The whole text as ids.
        steps: The number of training steps, at least 1.
        batch_size: The number of windows per step.
        block_size: The number of ids per window.
        learning_rate: The learning rate of AdamW.
        seed: The seed for drawing the windows.
        on_step: Called as ``on_step(step, loss)`` after every step, from step 1 on.

    Returns:
        The loss of every step.

    Raises:
        ValueError: If ``steps`` is below 1, or the text is too short.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    # Step 1: Prepare the random numbers, the optimizer and the list of losses.
    generator = torch.Generator()
    generator.manual_seed(seed)
    device = next(model.parameters()).device
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses: list[float] = []

    # Step 2: Switch to train mode, and remember the mode from before.
    was_training = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            # Step 3: Draw a batch.
            x, y = get_batch(ids, batch_size, block_size, generator)
            x, y = x.to(device), y.to(device)

            # Step 4: Compute the loss. cross_entropy wants the classes in dimension 1.
            logits = model(x)  # (B, T, V)
            loss = F.cross_entropy(logits.transpose(1, 2), y)

            # Step 5: Clear the old gradients, compute the new ones, update the weights.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

            # Step 6: Report.
            loss_value = loss.item()
            losses.append(loss_value)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # Step 7: Restore the mode, no matter how the loop ended.
        model.train(was_training)
    return losses


def save_checkpoint(path: str | Path, model: nn.Module, tokenizer) -> None:
    """Save a model and its tokenizer in one file.

    The file is written under a temporary name first. An existing file stays intact
    until the new one is complete.

    Args:
        path: The file to write.
        model: The model, with a dict ``config``.
        tokenizer: The tokenizer, with a list ``vocab``.

    Raises:
        OSError: If the folder cannot be written to.
    """
    path = Path(path)
    checkpoint = {
        "version": CHECKPOINT_VERSION,
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }
    # Step 1: Choose a temporary name in the same folder.
    temporary_path = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        # Step 2: Write everything to the temporary file.
        with temporary_path.open("wb") as file:
            torch.save(checkpoint, file)
        # Step 3: Move it to its place.
        os.replace(temporary_path, path)
    finally:
        # Step 4: Clean up if something went wrong. Otherwise there is nothing left to delete.
        temporary_path.unlink(missing_ok=True)


def load_checkpoint(path: str | Path):
    """Load a model and its tokenizer.

    Args:
        path: A file written by ``save_checkpoint``.

    Returns:
        A tuple ``(model, tokenizer)``. The model is in eval mode and on the CPU.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not a complete checkpoint of this version.
    """
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    # Step 1: Read plain data only, never code.
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{path} cannot be read as a checkpoint") from error

    # Step 2: Check that the file is one of ours.
    if not isinstance(checkpoint, dict) or checkpoint.get("version") != CHECKPOINT_VERSION:
        raise ValueError(f"{path} is not a checkpoint of version {CHECKPOINT_VERSION}")

    # Step 3: Rebuild the model and the tokenizer. The first three tokens are the special ones.
    try:
        model = MiniGPT(**checkpoint["config"])
        model.load_state_dict(checkpoint["state_dict"])
        tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    except (KeyError, TypeError, RuntimeError, AttributeError) as error:
        raise ValueError(f"{path} does not fit this model") from error

    # Step 4: Prepare the model for use.
    model.eval()
    return model, tokenizer
