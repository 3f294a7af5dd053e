"""Challenge 05, larger data: a book in place of a sentence, and an honest look at what was learned.

The book may be larger than the memory. A part is kept back, to see what was really learned.

Shapes: a model maps ids (B, T) to logits (B, T, V): B windows, T ids each, V possible ids.
Source: to keep the best weights is early stopping, Prechelt 1998, doi:10.1007/3-540-49430-8_3.
"""

# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/05_larger_data_test.py scaffolds/05_larger_data_skeleton.py
# Or take it over:  cp scaffolds/05_larger_data_skeleton.py mini_gpt/corpus.py

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

ID_TYPE = "<u2"  # a whole number from 0 to 65535 in two bytes, the smaller part first


def read_pieces(path: str | Path, size: int = 1_000_000) -> Iterator[str]:
    """Yield a text piece by piece, so that it is never in memory as a whole.

    Args:
        path: a text file in UTF-8. A byte order mark is dropped, and lines end with "\\n".
        size: the most characters in one piece.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is empty, or is not UTF-8.
    """
    # Open it as a text. Python can drop a byte order mark, and make "\n" of each "\r\n".
            # Refuse an empty text: there is nothing to learn from it.
            # Hand over one piece after the other, until there is no more:
        # Refuse bytes that are no UTF-8.
    raise NotImplementedError("write read_pieces in mini_gpt/corpus.py")


def write_ids(path: str | Path, pieces: Iterable[Sequence[int]]) -> int:
    """Write ids into a file, two bytes each, and return how many. Errors leave an old file whole.

    Args:
        pieces: lists of ids, 0 to 65535. They are written one after the other.

    Raises:
        ValueError: an id is below 0, or above 65535.
    """
    # Write to a file beside it first. If anything stops us, the old file is still whole.
            # Go through the pieces, one after the other:
                # Refuse an id that two bytes cannot hold.
                # Write its ids, and count them.
        # Then let the new file take the old one's place, in one go.
        # Leave nothing half-written behind.
    raise NotImplementedError("write write_ids in mini_gpt/corpus.py")


def open_ids(path: str | Path) -> np.memmap:
    """Open a file of ids as an array, uint16, 1-D. It is not read, and cannot be changed.

    Raises:
        ValueError: the file is empty, or ends in the middle of an id.
    """
    # Refuse a file that holds no ids, or half of one.
    # Map the file: it looks like an array, and only the parts in use are in memory.
    raise NotImplementedError("write open_ids in mini_gpt/corpus.py")


def split(ids: Sequence[int], share: float = 0.9) -> tuple[Sequence[int], Sequence[int]]:
    """Cut ids in two: this share of them to learn from, and the rest to look what was learned.

    Args:
        ids: a list, a tensor, an array or a memory map. No id is copied.
        share: between 0 and 1. The first part gets int(len(ids) * share) ids.

    Raises:
        ValueError: share is not between 0 and 1, or one part would be empty.
    """
    # Count the ids of the first part. What is no share has none.
    # Refuse to leave one part empty.
    raise NotImplementedError("write split in mini_gpt/corpus.py")


def cut(ids: Sequence[int], start: int, length: int) -> Tensor:
    """Return up to `length` ids as a tensor. The others stay where they are, be it on the disk."""
    # Make whole numbers of 64 bits of them, which PyTorch takes for places in a table.
    raise NotImplementedError("write cut in mini_gpt/corpus.py")


def surprise(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Add up the losses of all right answers y to the windows x, both (B, T), in nats."""
    # Let the model score every possible next id, wherever it lives. Compare, one answer a row.
    raise NotImplementedError("write surprise in mini_gpt/corpus.py")


@torch.no_grad()
def evaluate(
    model: nn.Module, ids: Sequence[int], block_size: int = 64, batch_size: int = 32
) -> float:
    """Measure the model on a whole text, window by window: the average loss in nats.

    Args:
        ids: the text, at least 2 ids. Each but the first is guessed exactly once.
        block_size: ids per window. The last window may be shorter.
        batch_size: the most windows at once.

    Raises:
        ValueError: there are fewer than 2 ids.
    """
    # Refuse a text without an answer.
    # Remember the model's mode, and switch it to using what it learned.
        # Take as many ids as make a batch, and one more for the last answer:
            # Cut windows, and the answers one place later. Fill up the last: -100 does not count.
            # Add up the losses.
        # Whatever happened, the mode is restored.
    # All answers count alike, in a long window and in a short one.
    raise NotImplementedError("write evaluate in mini_gpt/corpus.py")


def draw_batch(
    ids: Sequence[int], batch_size: int, block_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Cut windows out of a text at random places: x, and the right answers y, both (B, T)."""
    # Refuse a short text: a window needs block_size ids, and one more as the last answer.
    # Choose where each window starts. The last window ends just before the last id.
    # Cut the windows out, each with one id more: the answers come one place later.
    raise NotImplementedError("write draw_batch in mini_gpt/corpus.py")


def learn(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> float:
    """Take one step, as in loop 3. Return its mean loss, in nats."""
    # In train mode: guess, compare, find new gradients only, and move each weight a little.
    raise NotImplementedError("write learn in mini_gpt/corpus.py")


def train_on_book(
    model: nn.Module,
    train_ids: Sequence[int],
    val_ids: Sequence[int],
    *,
    steps: int,
    eval_every: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 3e-3,
    seed: int = 0,
    on_eval: Callable[[int, float, float], None] | None = None,
) -> list[tuple[int, float, float]]:
    """Train the model, look now and then how it does on unseen text, and keep the best.

    Args:
        model: a MiniGPT. At the end it has its best weights.
        train_ids: the text to learn from, at least block_size + 1 ids.
        val_ids: the text that is kept back, at least 2 ids.
        steps: how many batches to learn from, at least 1.
        eval_every: how many steps lie between two looks, at least 1.
        batch_size, block_size, learning_rate, seed: as in loop 3.
        on_eval: called at each look with the step, counted from 1, and both losses.

    Returns:
        (step, train_loss, val_loss) for each look. train_loss is the mean since the look before.

    Raises:
        ValueError: steps or eval_every is below 1, or a text has too few ids.
    """
    # Refuse what cannot work, before anything is trained.
    # The unseen text needs an answer.
    # Set up: random numbers, an optimizer, two lists, the best weights so far, the model's mode.
        # Take one step after the other, counted from 1:
            # Now and then, and after the last step, look how it does on unseen text:
                # Was it never better? Then remember a copy of its weights.
                # Note both losses, begin a new list, and tell whoever wants to know.
        # Give the model its best weights back.
    raise NotImplementedError("write train_on_book in mini_gpt/corpus.py")


if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys

    check = Path(__file__).resolve().parents[1] / "checks" / "05_larger_data_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
