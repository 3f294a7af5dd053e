"""Style: an LLM asked for production quality: type hints, a frozen dataclass, long docstrings."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

NUM_SPECIAL_TOKENS: int = 3


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Everything that shapes one training run."""

    steps: int
    batch_size: int
    block_size: int
    learning_rate: float
    seed: int
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0


def get_batch(
    ids: Tensor | Sequence[int], batch_size: int, block_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Sample a batch of random windows.

    Args:
        ids: The encoded corpus, one-dimensional.
        batch_size: Number of windows per batch.
        block_size: Number of inputs per window.
        generator: Source of randomness.

    Returns:
        A pair ``(inputs, targets)``, both of shape ``(batch_size, block_size)``.
    """
    data = torch.as_tensor(ids, dtype=torch.long)
    num_windows = data.size(0) - block_size
    offsets: list[int] = torch.randint(num_windows, (batch_size,), generator=generator).tolist()
    windows = torch.stack([data[offset : offset + block_size + 1] for offset in offsets])
    inputs = windows[:, :-1].contiguous()
    targets = windows[:, 1:].contiguous()
    return inputs, targets


def _training_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: tuple[Tensor, Tensor],
    config: TrainingConfig,
) -> float:
    """Run one forward pass, one backward pass and one update; return the loss."""
    inputs, targets = batch
    optimizer.zero_grad(set_to_none=True)
    logits: Tensor = model(inputs)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), config.max_grad_norm)
    optimizer.step()
    return float(loss.detach())


def train(
    model: nn.Module,
    ids: Tensor | Sequence[int],
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: Callable[[int, float], Any] | None = None,
) -> list[float]:
    """Train ``model`` in place and return the loss of every step; its mode is put back."""
    config = TrainingConfig(steps, batch_size, block_size, learning_rate, seed)
    generator = torch.Generator(device="cpu").manual_seed(config.seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    history: list[float] = []
    previous_mode = model.training
    model.train()
    try:
        for step in range(1, config.steps + 1):
            batch = get_batch(ids, config.batch_size, config.block_size, generator)
            loss_value = _training_step(model, optimizer, batch, config)
            history.append(loss_value)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        model.train(previous_mode)
    return history


def save_checkpoint(path: str | os.PathLike[str], model: MiniGPT, tokenizer: CharTokenizer) -> None:
    """Write model and vocabulary to ``path`` so that a crash never leaves half a file there."""
    payload: dict[str, Any] = {
        "format_version": 1,
        "model_state_dict": model.state_dict(),
        "model_config": dict(model.config),
        "vocabulary": list(tokenizer.vocab),
    }
    directory = os.path.dirname(os.path.abspath(path))
    descriptor, temporary = tempfile.mkstemp(suffix=".tmp", dir=directory)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            torch.save(payload, stream)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def load_checkpoint(path: str | os.PathLike[str]) -> tuple[MiniGPT, CharTokenizer]:
    """Rebuild the model (in eval mode) and the tokenizer from a checkpoint."""
    payload: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    model = MiniGPT(**payload["model_config"])
    model.load_state_dict(payload["model_state_dict"])
    tokenizer = CharTokenizer("".join(payload["vocabulary"][NUM_SPECIAL_TOKENS:]))
    return model.eval(), tokenizer
