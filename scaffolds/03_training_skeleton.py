"""Loop 3, the trainer: the model guesses, sees the right answer, and gets a little better.

Shapes: B windows, T tokens each, V tokens in the vocabulary.
Source: the optimizer is AdamW, Loshchilov and Hutter 2019, arXiv:1711.05101.
"""

# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/03_training_test.py scaffolds/03_training_skeleton.py
# Or take it over:  cp scaffolds/03_training_skeleton.py mini_gpt/trainer.py

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
    # Choose where each window starts. The last window ends just before the last token.
    # Cut the windows out, each with one token more. Make tensors of these few ids only:
    # the whole text may be a large file.
    # The right answer to each token is the token that comes one later.
    raise NotImplementedError("write get_batch in mini_gpt/trainer.py")


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
    # Set up: a source of random numbers with this seed, an optimizer for the parameters, and an
    # empty list for the losses.
    # Remember the model's mode, and switch it to learning.
    # Whatever happens in here, the mode is restored at the end.
        # Take one step after the other, counted from 1:
            # Guess: draw a batch of windows, and let the model score every possible next token.
            # Compare: how surprised is the model by the right answers?
            # Learn: forget the last gradients, find the new ones, move each parameter a little.
            # Write the loss down, and tell whoever wants to know.
    raise NotImplementedError("write train in mini_gpt/trainer.py")


def save_checkpoint(path: str | Path, model: nn.Module, tokenizer) -> None:
    """Save a model with its tokenizer. An old file stays whole until the new one is.

    Args:
        path: where to, such as "model.pt".
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.

    Raises:
        OSError: the folder cannot be written to.
    """
    # Keep tensors and plain values only. Then the file cannot carry code.
    # Write to a file beside it first. If anything stops us, the old file is still whole.
        # Then let the new file take the old one's place, in one go.
        # Leave nothing half-written behind.
    raise NotImplementedError("write save_checkpoint in mini_gpt/trainer.py")


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
    # Read tensors and plain values only: a file from a stranger must not run code here.
        # Refuse what cannot be read so, and say what to do.
    # Refuse a file of another version: it may hold other things.
    # Build the same model again, and put the trained numbers into it. After the three special
    # tokens, the vocabulary is all the characters that the tokenizer needs.
    # Refuse numbers that do not fit the model.
    raise NotImplementedError("write load_checkpoint in mini_gpt/trainer.py")


if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys

    check = Path(__file__).resolve().parents[1] / "checks" / "03_training_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
