"""Corpus handling and training with validation.

This module provides utilities to stream a text file, to store token ids in a compact binary
format, and to train a language model with early-stopping semantics.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

_MAX_ID: Final[int] = 2**16 - 1
_BYTES_PER_ID: Final[int] = 2


class Record(NamedTuple):
    """One evaluation."""

    step: int
    train_loss: float
    val_loss: float


@dataclass
class _Checkpoint:
    """Keeps the best weights in memory, serialised."""

    loss: float = math.inf
    data: bytes | None = None

    def update(self, loss: float, model: nn.Module) -> None:
        """Remember the weights if the loss is lower than ever."""
        if not loss < self.loss:
            return
        buffer = io.BytesIO()
        torch.save(model.state_dict(), buffer)
        self.loss, self.data = loss, buffer.getvalue()

    def restore(self, model: nn.Module) -> None:
        """Load the remembered weights."""
        if self.data is not None:
            model.load_state_dict(torch.load(io.BytesIO(self.data), weights_only=True))


@dataclass
class _Average:
    """A running mean that can be reset."""

    values: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        """Add a value."""
        self.values.append(value)

    def pop(self) -> float:
        """Return the mean and forget the values."""
        mean = math.fsum(self.values) / len(self.values)
        self.values = []
        return mean


def read_pieces(path: str | Path, size: int = 1_000_000) -> Iterator[str]:
    """Stream a UTF-8 text file in pieces of at most ``size`` characters."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(path)
    found_text = False
    with path.open(mode="r", encoding="utf-8-sig", errors="strict") as stream:
        try:
            while (piece := stream.read(size)) != "":
                found_text = True
                yield piece
        except UnicodeError as error:
            raise ValueError(f"'{path}' is not encoded in UTF-8") from error
    if not found_text:
        raise ValueError(f"'{path}' is empty")


def _validate_ids(ids: Sequence[int]) -> None:
    for token_id in ids:
        if not 0 <= token_id <= _MAX_ID:
            raise ValueError(f"token id {token_id} is out of range")


def write_ids(path: str | Path, pieces: Iterable[Sequence[int]]) -> int:
    """Write ids as little-endian uint16, atomically."""
    target = Path(path)
    temporary = target.with_suffix(target.suffix + ".part")
    count = 0
    try:
        with temporary.open("wb") as stream:
            for piece in pieces:
                _validate_ids(piece)
                stream.write(np.asarray(piece, dtype=np.dtype("<u2")).tobytes(order="C"))
                count += len(piece)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return count


def open_ids(path: str | Path) -> np.memmap:
    """Open a file of ids as a read-only memory map."""
    size = Path(path).stat().st_size
    if size == 0:
        raise ValueError(f"'{path}' is empty")
    if size % _BYTES_PER_ID:
        raise ValueError(f"'{path}' has an odd number of bytes")
    return np.memmap(path, dtype=np.dtype("<u2"), mode="r")


def split(ids: Sequence[int], share: float = 0.9) -> tuple[Sequence[int], Sequence[int]]:
    """Split ids into a training and a validation part."""
    if math.isnan(share) or share < 0.0 or share > 1.0:
        raise ValueError(f"share must be within [0, 1], got {share}")
    boundary = int(len(ids) * share)
    train_ids, val_ids = ids[:boundary], ids[boundary:]
    if len(train_ids) == 0:
        raise ValueError("the training part would be empty")
    if len(val_ids) == 0:
        raise ValueError("the validation part would be empty")
    return train_ids, val_ids


def _as_tensor(ids: Sequence[int]) -> torch.Tensor:
    if isinstance(ids, torch.Tensor):
        return ids.to(torch.int64)
    return torch.from_numpy(np.array(ids, dtype=np.int64))


def evaluate(
    model: nn.Module, ids: Sequence[int], block_size: int = 64, batch_size: int = 32
) -> float:
    """Return the mean cross-entropy of all predictions, in nats."""
    n_targets = len(ids) - 1
    if n_targets < 1:
        raise ValueError("evaluate needs at least two ids")
    was_training = model.training
    model.eval()
    total = torch.zeros((), dtype=torch.float64)
    try:
        with torch.no_grad():
            for begin in range(0, n_targets, block_size * batch_size):
                end = min(begin + block_size * batch_size, n_targets)
                x, y = _as_tensor(ids[begin:end]), _as_tensor(ids[begin + 1 : end + 1])
                padding = -len(x) % block_size if len(x) > block_size else 0
                width = block_size if len(x) > block_size else len(x)
                x = F.pad(x, (0, padding)).view(-1, width)
                mask = F.pad(torch.ones_like(y, dtype=torch.bool), (0, padding)).view(-1, width)
                y = F.pad(y, (0, padding)).view(-1, width)
                logits = model(x)
                loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
                total += (loss.double() * mask.flatten()).sum()
    finally:
        model.train(was_training)
    return total.item() / n_targets


def _sample(
    ids: Sequence[int], batch_size: int, block_size: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    high = len(ids) - block_size
    offsets = torch.randint(high=high, size=(batch_size,), generator=generator)
    windows = torch.stack([_as_tensor(ids[o : o + block_size + 1]) for o in offsets.tolist()])
    return windows[:, :-1].contiguous(), windows[:, 1:].contiguous()


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
    """Train with periodic validation, and restore the best weights at the end."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    if eval_every < 1:
        raise ValueError("eval_every must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids is too short for one window")
    if len(val_ids) < 2:
        raise ValueError("val_ids needs at least two ids")

    generator = torch.Generator()
    generator.manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    checkpoint, average = _Checkpoint(), _Average()
    history: list[tuple[int, float, float]] = []
    was_training = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            x, y = _sample(train_ids, batch_size, block_size, generator)
            logits = model(x)
            loss = F.cross_entropy(logits.view(-1, logits.shape[-1]), y.view(-1))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            average.add(loss.item())
            is_last = step == steps
            if step % eval_every == 0 or is_last:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                record = Record(step, average.pop(), val_loss)
                checkpoint.update(val_loss, model)
                history.append(record)
                if on_eval is not None:
                    on_eval(*record)
        checkpoint.restore(model)
    finally:
        model.train(was_training)
    return history
