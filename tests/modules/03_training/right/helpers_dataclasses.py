"""Training pipeline: sample windows -> run steps -> write / read a checkpoint."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SCHEMA_VERSION = 1
N_SPECIAL = 3


# --- records -----------------------------------------------------------------


@dataclass(frozen=True)
class WindowSpec:
    """Shape of one batch."""

    batch_size: int
    block_size: int

    @property
    def span(self) -> int:
        """Ids per window, the last answer included."""
        return self.block_size + 1


@dataclass
class History:
    """What one training run has seen so far."""

    losses: list[float] = field(default_factory=list)

    def record(self, loss: float) -> int:
        """Store a loss and return the number of its step."""
        self.losses.append(loss)
        return len(self.losses)


@dataclass(frozen=True)
class Checkpoint:
    """The payload of a checkpoint file."""

    version: int
    config: dict[str, int]
    vocab: list[str]
    weights: dict[str, Tensor]

    @classmethod
    def of(cls, model: nn.Module, tokenizer) -> "Checkpoint":
        return cls(SCHEMA_VERSION, dict(model.config), list(tokenizer.vocab), model.state_dict())

    def characters(self) -> str:
        return "".join(self.vocab[N_SPECIAL:])


# --- batches -----------------------------------------------------------------


def count_windows(n_ids: int, spec: WindowSpec) -> int:
    """How many different windows fit."""
    return n_ids - spec.span + 1


def draw_starts(n_windows: int, batch_size: int, generator: torch.Generator) -> list[int]:
    return torch.randint(n_windows, (batch_size,), generator=generator).tolist()


def cut(ids: Tensor | Sequence[int], start: int, length: int) -> Tensor:
    """Copy one slice into an int64 tensor."""
    return torch.asarray(ids[start : start + length], dtype=torch.int64, copy=True)


def get_batch(
    ids: Tensor | Sequence[int], batch_size: int, block_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    spec = WindowSpec(batch_size, block_size)
    n_windows = count_windows(len(ids), spec)
    if n_windows < 1:
        raise ValueError(f"need at least {spec.span} ids, got {len(ids)}")
    starts = draw_starts(n_windows, batch_size, generator)
    windows = torch.stack([cut(ids, start, spec.span) for start in starts])
    return windows[:, :-1].contiguous(), windows[:, 1:].contiguous()


# --- training ----------------------------------------------------------------


def make_generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@contextmanager
def train_mode(model: nn.Module) -> Iterator[None]:
    """Train mode inside, the former mode outside."""
    before = model.training
    model.train()
    try:
        yield
    finally:
        model.train(before)


def mean_loss(logits: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def apply_update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


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
    if steps < 1:
        raise ValueError(f"steps must be positive, got {steps}")
    generator = make_generator(seed)
    device = next(model.parameters()).device
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    history = History()
    notify = on_step or (lambda step, loss: None)
    with train_mode(model):
        for _ in range(steps):
            x, y = get_batch(ids, batch_size, block_size, generator)
            loss = mean_loss(model(x.to(device)), y.to(device))
            apply_update(optimizer, loss)
            value = loss.item()
            step = history.record(value)
            notify(step, value)
    return history.losses


# --- files -------------------------------------------------------------------


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of path only when it is complete."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_payload(path: Path) -> dict[str, Any]:
    with open(path, "rb") as file:
        try:
            payload = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"{path}: not a readable checkpoint, train again") from error
    if not isinstance(payload, dict) or payload.get("version") != SCHEMA_VERSION:
        raise ValueError(f"{path}: not a checkpoint of version {SCHEMA_VERSION}, train again")
    return payload


def save_checkpoint(path: str | Path, model: nn.Module, tokenizer) -> None:
    payload = vars(Checkpoint.of(model, tokenizer))
    with atomic_write(Path(path)) as file:
        torch.save(payload, file)


def load_checkpoint(path: str | Path) -> tuple[nn.Module, object]:
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    payload = read_payload(Path(path))
    try:
        checkpoint = Checkpoint(**payload)
        model = MiniGPT(**checkpoint.config)
        model.load_state_dict(checkpoint.weights)
        tokenizer = CharTokenizer(checkpoint.characters())
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise ValueError(f"{path}: does not fit this model, train again") from error
    model.eval()
    return model, tokenizer
