"""Training and checkpointing of the mini GPT.

B: windows per batch, T: tokens per window, V: tokens in the vocabulary.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

CHECKPOINT_VERSION: Final[int] = 1
N_SPECIAL_TOKENS: Final[int] = 3


def get_batch(
    ids: Tensor | Sequence[int],
    batch_size: int,
    block_size: int,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Draw batch_size random windows; return (x, y), both int64 of shape (B, T)."""
    n_ids: int = len(ids)
    n_needed: int = block_size + 1
    if n_ids < n_needed:
        raise ValueError(f"at least {n_needed} ids are needed for one window, got {n_ids}")

    # Every start from 0 to n_ids - block_size - 1 leaves room for the last answer.
    n_starts: int = n_ids - block_size
    starts: Tensor = torch.randint(low=0, high=n_starts, size=(batch_size,), generator=generator)

    windows: list[Tensor] = []
    for start in starts.tolist():
        stop: int = start + n_needed
        window: Tensor = torch.asarray(ids[start:stop], dtype=torch.int64, copy=True)
        assert window.shape == (n_needed,), window.shape
        windows.append(window)

    stacked: Tensor = torch.stack(windows, dim=0)  # (B, T + 1)
    x: Tensor = stacked[:, :-1].contiguous()
    y: Tensor = stacked[:, 1:].contiguous()
    assert x.shape == y.shape == (batch_size, block_size)
    return x, y


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
    """Train model for some steps with AdamW; return the loss of each step."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")

    generator: torch.Generator = torch.Generator()
    generator.manual_seed(seed)
    device: torch.device = next(model.parameters()).device
    optimizer: torch.optim.Optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses: list[float] = []

    was_training: bool = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            x, y = get_batch(ids, batch_size, block_size, generator)
            x, y = x.to(device), y.to(device)

            logits: Tensor = model(x)  # (B, T, V)
            assert logits.shape[:2] == (batch_size, block_size), logits.shape
            vocab_size: int = logits.shape[-1]
            loss: Tensor = F.cross_entropy(logits.reshape(-1, vocab_size), y.reshape(-1))

            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

            loss_value: float = loss.item()
            losses.append(loss_value)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        model.train(was_training)

    assert len(losses) == steps
    return losses


def save_checkpoint(path: str | Path, model: nn.Module, tokenizer: CharTokenizer) -> None:
    """Save model and tokenizer; an old file at path stays whole if anything fails."""
    target: Path = Path(path)
    temporary: Path = target.with_name(target.name + ".part")

    content: dict[str, Any] = {
        "version": CHECKPOINT_VERSION,
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }
    try:
        with open(temporary, "wb") as file:
            torch.save(content, file)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_checkpoint(path: str | Path) -> tuple[nn.Module, CharTokenizer]:
    """Load what save_checkpoint has saved; the model is on the CPU and in eval mode."""
    source: Path = Path(path)
    with open(source, "rb") as file:
        try:
            content: Any = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ValueError(f"{source} is not a readable checkpoint") from error

    if not isinstance(content, dict) or content.get("version") != CHECKPOINT_VERSION:
        raise ValueError(f"{source} is not a checkpoint of version {CHECKPOINT_VERSION}")

    try:
        model: MiniGPT = MiniGPT(**content["config"])
        model.load_state_dict(content["state_dict"])
        characters: str = "".join(content["vocab"][N_SPECIAL_TOKENS:])
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{source} does not fit this MiniGPT") from error

    tokenizer: CharTokenizer = CharTokenizer(characters)
    model.eval()
    assert not model.training
    return model, tokenizer
