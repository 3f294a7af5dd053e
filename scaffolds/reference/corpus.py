"""Challenge 05, larger data: a book in place of a sentence, and an honest look at what was learned.

The book may be larger than the memory. A part is kept back, to see what was really learned.

Shapes: a model maps ids (B, T) to logits (B, T, V): B windows, T ids each, V possible ids.
Source: to keep the best weights is early stopping, Prechelt 1998, doi:10.1007/3-540-49430-8_3.
"""

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
    with open(path, encoding="utf-8-sig") as file:
        try:
            piece = file.read(size)
            # Refuse an empty text: there is nothing to learn from it.
            if piece == "":
                raise ValueError(f"{path} must hold a text, but it is empty")
            # Hand over one piece after the other, until there is no more:
            while piece != "":
                yield piece
                piece = file.read(size)
        # Refuse bytes that are no UTF-8.
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} must be text in UTF-8: save it as UTF-8") from error


def write_ids(path: str | Path, pieces: Iterable[Sequence[int]]) -> int:
    """Write ids into a file, two bytes each, and return how many. Errors leave an old file whole.

    Args:
        pieces: lists of ids, 0 to 65535. They are written one after the other.

    Raises:
        ValueError: an id is below 0, or above 65535.
    """
    # Write to a file beside it first. If anything stops us, the old file is still whole.
    temporary, count = Path(f"{path}.tmp"), 0
    try:
        with open(temporary, "wb") as file:
            # Go through the pieces, one after the other:
            for piece in pieces:
                # Refuse an id that two bytes cannot hold.
                if wrong := [token_id for token_id in piece if not 0 <= token_id <= 65535]:
                    raise ValueError(f"ids must be 0 to 65535, got {wrong[0]}")
                # Write its ids, and count them.
                file.write(np.asarray(piece, dtype=ID_TYPE).tobytes())
                count = count + len(piece)
        # Then let the new file take the old one's place, in one go.
        os.replace(temporary, path)
    finally:
        # Leave nothing half-written behind.
        temporary.unlink(missing_ok=True)
    return count


def open_ids(path: str | Path) -> np.memmap:
    """Open a file of ids as an array, uint16, 1-D. It is not read, and cannot be changed.

    Raises:
        ValueError: the file is empty, or ends in the middle of an id.
    """
    size = Path(path).stat().st_size
    # Refuse a file that holds no ids, or half of one.
    if size == 0 or size % 2 != 0:
        raise ValueError(f"{path} must hold 2 bytes for each id, got {size} bytes: write it anew")
    # Map the file: it looks like an array, and only the parts in use are in memory.
    return np.memmap(path, dtype=ID_TYPE, mode="r")


def split(ids: Sequence[int], share: float = 0.9) -> tuple[Sequence[int], Sequence[int]]:
    """Cut ids in two: this share of them to learn from, and the rest to look what was learned.

    Args:
        ids: a list, a tensor, an array or a memory map. No id is copied.
        share: between 0 and 1. The first part gets int(len(ids) * share) ids.

    Raises:
        ValueError: share is not between 0 and 1, or one part would be empty.
    """
    # Count the ids of the first part. What is no share has none.
    border = int(len(ids) * share) if 0 <= share <= 1 else 0
    # Refuse to leave one part empty.
    if not 0 < border < len(ids):
        raise ValueError(f"share must leave ids for both parts, got {share} of {len(ids)} ids")
    return ids[:border], ids[border:]


def cut(ids: Sequence[int], start: int, length: int) -> Tensor:
    """Return up to `length` ids as a tensor. The others stay where they are, be it on the disk."""
    # Make whole numbers of 64 bits of them, which PyTorch takes for places in a table.
    return torch.asarray(ids[start : start + length], dtype=torch.int64, copy=True)


def surprise(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Add up the losses of all right answers y to the windows x, both (B, T), in nats."""
    # Let the model score every possible next id, wherever it lives. Compare, one answer a row.
    device = next(model.parameters()).device
    logits = model(x.to(device))  # (B, T) -> (B, T, V)
    return cross_entropy(logits.flatten(0, 1), y.to(device).flatten(), reduction="sum")


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
    answers = len(ids) - 1
    # Refuse a text without an answer.
    if answers < 1:
        raise ValueError(f"ids must hold at least 2, got {len(ids)}")
    # Remember the model's mode, and switch it to using what it learned.
    was_training = model.training
    model.eval()
    total = 0.0
    try:
        # Take as many ids as make a batch, and one more for the last answer:
        for start in range(0, answers, batch_size * block_size):
            text = cut(ids, start, batch_size * block_size + 1)
            # Cut windows, and the answers one place later. Fill up the last: -100 does not count.
            x = pad_sequence(text[:-1].split(block_size), batch_first=True)
            y = pad_sequence(text[1:].split(block_size), batch_first=True, padding_value=-100)
            # Add up the losses.
            total = total + surprise(model, x, y).item()
    finally:
        # Whatever happened, the mode is restored.
        model.train(was_training)
    # All answers count alike, in a long window and in a short one.
    return total / answers


def draw_batch(
    ids: Sequence[int], batch_size: int, block_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Cut windows out of a text at random places: x, and the right answers y, both (B, T)."""
    # Refuse a short text: a window needs block_size ids, and one more as the last answer.
    if len(ids) < block_size + 1:
        raise ValueError(f"train_ids must hold at least {block_size + 1} ids, got {len(ids)}")
    # Choose where each window starts. The last window ends just before the last id.
    starts = torch.randint(len(ids) - block_size, (batch_size,), generator=generator).tolist()
    # Cut the windows out, each with one id more: the answers come one place later.
    windows = torch.stack([cut(ids, start, block_size + 1) for start in starts])
    return windows[:, :-1], windows[:, 1:]


def learn(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> float:
    """Take one step, as in loop 3. Return its mean loss, in nats."""
    # In train mode: guess, compare, find new gradients only, and move each weight a little.
    model.train()
    loss = surprise(model, x, y) / y.numel()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


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
    if steps < 1 or eval_every < 1:
        raise ValueError(f"steps and eval_every must be at least 1, got {steps}, {eval_every}")
    # The unseen text needs an answer.
    if len(val_ids) < 2:
        raise ValueError(f"val_ids must hold at least 2 ids, got {len(val_ids)}")
    # Set up: random numbers, an optimizer, two lists, the best weights so far, the model's mode.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    history, losses, was_training = [], [], model.training
    best_loss, best_weights = math.inf, deepcopy(model.state_dict())
    try:
        # Take one step after the other, counted from 1:
        for step in range(1, steps + 1):
            batch = draw_batch(train_ids, batch_size, block_size, generator)
            losses.append(learn(model, optimizer, *batch))
            # Now and then, and after the last step, look how it does on unseen text:
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                # Was it never better? Then remember a copy of its weights.
                if val_loss < best_loss:
                    best_loss, best_weights = val_loss, deepcopy(model.state_dict())
                # Note both losses, begin a new list, and tell whoever wants to know.
                history.append((step, sum(losses) / len(losses), val_loss))
                losses = []
                if on_eval is not None:
                    on_eval(*history[-1])
        # Give the model its best weights back.
        model.load_state_dict(best_weights)
    finally:
        model.train(was_training)
    return history
