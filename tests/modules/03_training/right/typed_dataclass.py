"""Training utilities for MiniGPT: batching, optimisation and persistence."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FORMAT_VERSION: int = 1
StepCallback = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class WindowSampler:
    """Samples (input, target) windows from one long text."""

    ids: Tensor | Sequence[int]
    block_size: int

    def __post_init__(self) -> None:
        if self.window_count < 1:
            raise ValueError(
                f"block_size={self.block_size} needs {self.block_size + 1} ids, only {len(self.ids)} given"
            )

    @property
    def window_count(self) -> int:
        """Number of places at which a window and its last answer fit."""
        return len(self.ids) - self.block_size

    def window(self, start: int) -> Tensor:
        """One window and the one id after it: block_size + 1 ids."""
        return torch.as_tensor(self.ids[start : start + self.block_size + 1]).to(torch.int64)

    def sample(self, batch_size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        starts = torch.randint(self.window_count, (batch_size,), generator=generator)
        windows = torch.stack([self.window(int(start)) for start in starts])
        # PREDICT: which ids are in y, if x is [5, 6, 7]?
        return windows[:, :-1].contiguous(), windows[:, 1:].contiguous()


@dataclass(slots=True)
class TrainingRun:
    """Everything that belongs to a single call of train()."""

    model: nn.Module
    ids: Tensor | Sequence[int]
    steps: int
    batch_size: int
    block_size: int
    learning_rate: float
    seed: int
    generator: torch.Generator = field(init=False)
    optimizer: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be >= 1, got {self.steps}")
        self.generator = torch.Generator().manual_seed(self.seed)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=self.learning_rate)

    def single_step(self) -> float:
        """Draw, guess, compare, learn. Returns the loss before the update."""
        x, y = get_batch(self.ids, self.batch_size, self.block_size, self.generator)
        logits: Tensor = self.model(x)
        loss = F.cross_entropy(logits.transpose(1, 2), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def __iter__(self) -> Iterator[tuple[int, float]]:
        for step in range(1, self.steps + 1):
            yield step, self.single_step()


@dataclass(frozen=True)
class Checkpoint:
    """What stands in the file."""

    config: dict[str, Any]
    vocab: list[str]
    state: dict[str, Tensor]
    version: int = FORMAT_VERSION

    @classmethod
    def from_file(cls, path: str | Path) -> Checkpoint:
        try:
            raw = torch.load(path, map_location="cpu", weights_only=True)
            checkpoint = cls(**raw)
        except FileNotFoundError:
            raise
        except Exception as error:
            raise ValueError(f"{path} is not a MiniGPT checkpoint") from error
        if checkpoint.version != FORMAT_VERSION:
            raise ValueError(f"{path} has version {checkpoint.version}, expected {FORMAT_VERSION}")
        return checkpoint

    def to_file(self, path: Path) -> None:
        payload = {name: getattr(self, name) for name in self.__dataclass_fields__}
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                torch.save(payload, stream)
            os.replace(name, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise


def get_batch(
    ids: Tensor | Sequence[int], batch_size: int, block_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Random windows x and the right answers y, both (batch_size, block_size)."""
    return WindowSampler(ids, block_size).sample(batch_size, generator)


def train(
    model: nn.Module,
    ids: Tensor | Sequence[int],
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: StepCallback | None = None,
) -> list[float]:
    """Train the model and return one loss for each step."""
    run = TrainingRun(model, ids, steps, batch_size, block_size, learning_rate, seed)
    losses: list[float] = []
    was_training = model.training
    model.train()
    try:
        for step, loss in run:
            losses.append(loss)
            if on_step is not None:
                on_step(step, loss)
    finally:
        model.train(was_training)
    return losses


def save_checkpoint(path: str | Path, model: nn.Module, tokenizer: Any) -> None:
    """Write the model and its vocabulary to path, all or nothing."""
    Checkpoint(dict(model.config), list(tokenizer.vocab), dict(model.state_dict())).to_file(Path(path))


def load_checkpoint(path: str | Path) -> tuple[nn.Module, Any]:
    """Read what save_checkpoint wrote."""
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    checkpoint = Checkpoint.from_file(path)
    try:
        model = MiniGPT(**checkpoint.config)
        model.load_state_dict(checkpoint.state)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"the weights in {path} do not fit the model") from error
    tokenizer = CharTokenizer("".join(checkpoint.vocab[3:]))
    return model.eval(), tokenizer
