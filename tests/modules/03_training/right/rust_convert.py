"""trainer.rs, second life. Guards with `with` stand where Rust has Drop."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

CHECKPOINT_VERSION: Final[int] = 1
N_SPECIAL: Final[int] = 3


class Batch(NamedTuple):
    x: Tensor
    y: Tensor


class TrainMode:
    """Scope guard: train mode inside, the old mode afterwards."""

    def __init__(self, model: nn.Module) -> None:
        self.model: nn.Module = model
        self.before: bool = model.training

    def __enter__(self) -> TrainMode:
        self.model.train()
        return self

    def __exit__(self, *_exc: object) -> bool:
        self.model.train(self.before)
        return False


class TempFile:
    """Scope guard: a path beside the target, gone at the end whatever happens."""

    def __init__(self, target: Path) -> None:
        self.path: Path = target.with_name(f".{target.name}.{os.getpid()}.part")

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_exc: object) -> bool:
        self.path.unlink(missing_ok=True)
        return False


def get_batch(
    ids: Tensor | Sequence[int], batch_size: int, block_size: int, generator: Generator
) -> Batch:
    """fn get_batch(ids: &[i64], ..) -> Result<(Tensor, Tensor)>"""
    # checked_sub: how many places there are
    places: int = len(ids) - block_size
    if places < 1:
        raise ValueError(f"{len(ids)} ids are too few for block_size {block_size}")
    starts: Tensor = torch.randint(0, places, (batch_size,), generator=generator)

    def window(start: int) -> Tensor:
        # &ids[start..start + block_size + 1]
        return torch.asarray(ids[start : start + block_size + 1], dtype=torch.int64, copy=True)

    both: Tensor = torch.stack([window(start) for start in starts.tolist()])
    x: Tensor = both[:, :block_size].contiguous()
    y: Tensor = both[:, 1:].contiguous()  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return Batch(x, y)


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
    """fn train(model: &mut impl Module, ids: &[i64], ..) -> Result<Vec<f64>>"""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    generator: Generator = Generator()
    generator.manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    device: torch.device = next(model.parameters()).device

    def run() -> Iterator[float]:
        # for step in 1..=steps
        for step in range(1, steps + 1):
            x, y = get_batch(ids, batch_size, block_size, generator)
            logits: Tensor = model(x.to(device))
            loss: Tensor = cross_entropy(logits.flatten(0, 1), y.to(device).flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            value: float = loss.item()
            # if let Some(f) = on_step { f(step, value) }
            if on_step is not None:
                on_step(step, value)
            yield value

    losses: list[float] = []
    with TrainMode(model):
        # extend is lazy no longer: it drives run() to its end
        losses.extend(run())
    return losses


def save_checkpoint(path: str | Path, model: nn.Module, tokenizer) -> None:
    """fn save_checkpoint(path: impl AsRef<Path>, ..) -> io::Result<()>"""
    target: Path = Path(path)
    checkpoint: dict[str, object] = {
        "version": CHECKPOINT_VERSION,
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }
    with TempFile(target) as part:
        with part.open("wb") as file:
            torch.save(checkpoint, file)
        os.replace(part, target)


def load_checkpoint(path: str | Path) -> tuple[nn.Module, object]:
    """fn load_checkpoint(path: impl AsRef<Path>) -> Result<(MiniGpt, CharTokenizer)>"""
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    with Path(path).open("rb") as file:
        try:
            loaded: object = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"{path} is not a checkpoint") from error
    match loaded:
        case {"version": 1, "config": dict(config), "vocab": list(vocab), "state_dict": dict(state)}:
            try:
                model = MiniGPT(**config)
                model.load_state_dict(state)
                tokenizer = CharTokenizer("".join(vocab[N_SPECIAL:]))
            except (TypeError, RuntimeError) as error:
                raise ValueError(f"the weights in {path} fit another model") from error
        case _:
            raise ValueError(f"{path} is not a whole checkpoint of version 1")
    return model.eval(), tokenizer
