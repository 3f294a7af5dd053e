"""What can be seen of a training: its losses, what is easy on this text, and how the model acts.

All of it is measured when the training is over. What it means is told in verdict.py.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mini_gpt.support.device import OnDevice
from mini_gpt.support.tokenizers import UNKNOWN
from mini_gpt.support.training.prepare import per_character
from mini_gpt.support.training.training import sums_of
from mini_gpt.support.training.yardsticks import yardsticks

PIECES, LENGTH = 50, 40
"""So many pieces of the unseen text, with so many ids each, are searched in the training text."""
SEARCHED, AT_ONCE = 5_000_000, 500_000


@dataclass
class Evidence:
    """What was seen.

    Args:
        history: step, training loss and loss on unseen text of each look, in nats a character.
        steps: how many steps there are in all.
        easy: what simple guesses cost, see yardsticks.
        copied: which share of the unseen text stands in the training text as well.
        unknown: which share of the text is letters that the tokenizer does not know.
        ahead: how far a guess moves when a later letter is changed.
        across: how far a guess moves when another text of the batch is changed.
        places: how far the guesses differ along a text of one letter only.
        early, late: the mean loss where no letter stands before, and where many do.
        still: parameters that never moved.
    """

    history: list[tuple[int, float, float]]
    steps: int
    easy: dict[str, float]
    copied: float
    unknown: float
    ahead: float
    across: float
    places: float
    early: float
    late: float
    still: list[str]


@torch.no_grad()
def gather(training, train_ids: Sequence[int], val_ids: Sequence[int]) -> Evidence:
    """Look at a training that is over, and at its model as it is now.

    Args:
        training: a Training.
        train_ids: what it learned from.
        val_ids: the unseen text that its looks used.
    """
    model = OnDevice(training.model).eval()
    size = model.config["vocab_size"]
    windows = windows_of(val_ids, model.config["block_size"])
    is_letters = not hasattr(training.tokenizer, "merges")
    share = 1.0 if is_letters else per_character(1.0, training.tokenizer, val_ids)
    early, late = losses_along(model, windows)
    easy = yardsticks(train_ids, val_ids, size, "letter" if is_letters else "token")
    ahead, across = moves(model, windows[:, :-1].clone(), size)
    now = sums_of(training.model)
    return Evidence(
        history=[(step, *(loss * share for loss in losses)) for step, *losses in training.history],
        steps=training.options.steps,
        easy={name: cost * share for name, cost in easy.items()},
        copied=share_in(val_ids, train_ids),
        unknown=float(np.mean(np.asarray(val_ids) == UNKNOWN)),
        ahead=ahead,
        across=across,
        places=differences(model, windows),
        early=early * share,
        late=late * share,
        still=[name for name, total in training.start.items() if total == now[name]],
    )


def windows_of(ids: Sequence[int], block_size: int) -> Tensor:
    """Cut the ids into windows of block_size + 1, up to 100 of them: int64, (B, T + 1)."""
    count = min(100, len(ids) // (block_size + 1))
    flat = torch.asarray(ids[: count * (block_size + 1)], dtype=torch.int64, copy=True)
    return flat.view(count, block_size + 1)


def losses_along(model: nn.Module, windows: Tensor) -> tuple[float, float]:
    """Return the mean loss at the first place of all windows, and in their second half."""
    logits = model(windows[:, :-1])
    losses = cross_entropy(logits.transpose(1, 2), windows[:, 1:], reduction="none")
    return losses[:, 0].mean().item(), losses[:, losses.shape[1] // 2 :].mean().item()


def moves(model: nn.Module, ids: Tensor, size: int) -> tuple[float, float]:
    """Change a later letter, then another text. Return how far the guesses move that must not."""
    half = ids.shape[1] // 2
    two = torch.stack([ids[0], ids[0].flip(0)])
    later, other = two.clone(), two.clone()
    later[:, half:] = (later[:, half:] + 1) % size
    other[1] = (other[1] + 1) % size
    plain = model(two)
    ahead = (model(later)[:, :half] - plain[:, :half]).abs().max().item() if half else 0.0
    return ahead, (model(other)[0] - plain[0]).abs().max().item()


def differences(model: nn.Module, windows: Tensor) -> float:
    """Show one letter again and again. Return how far the guesses differ from place to place."""
    same = windows[:1, :1].expand(1, windows.shape[1] - 1)
    logits = model(same)[0]
    return (logits - logits[:1]).abs().max().item() if len(logits) > 1 else math.inf


def share_in(val_ids: Sequence[int], train_ids: Sequence[int]) -> float:
    """Return which share of the unseen text stands in the training text, word for word."""
    starts = np.linspace(0, max(len(val_ids) - LENGTH, 0), PIECES, dtype=int)
    pieces = [bytes_of(val_ids[start : start + LENGTH]) for start in starts]
    found = set()
    for start in range(0, min(SEARCHED, len(train_ids)), AT_ONCE):
        text = bytes_of(train_ids[start : start + AT_ONCE + LENGTH])
        found |= {number for number, piece in enumerate(pieces) if piece in text}
    return len(found) / len(pieces)


def bytes_of(ids: Sequence[int]) -> bytes:
    """Write ids as bytes, two for each."""
    return np.asarray(ids).astype("<u2").tobytes()
