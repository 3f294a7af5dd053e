"""Trainer: batches, training loop, checkpoint I/O."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Callable, Final, Optional

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.functional import cross_entropy

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

# object CheckpointKeys
KEY_CONFIG: Final[str] = "config"
KEY_VOCAB: Final[str] = "vocab"
KEY_STATE: Final[str] = "state"
NUMBER_OF_SPECIAL_TOKENS: Final[int] = 3


def get_batch(
    ids: Tensor, batch_size: int, block_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    window_count: int = len(ids) - block_size
    if window_count < 1:
        raise ValueError("text too short: need " + str(block_size + 1) + " ids, got " + str(len(ids)))
    inputs: list[Tensor] = []
    targets: list[Tensor] = []
    for _ in range(batch_size):
        # nextInt(windowCount): 0 until windowCount
        start: int = int(torch.randint(window_count, (1,), generator=generator).item())
        end: int = start + block_size
        inputs.append(torch.as_tensor(ids[start:end], dtype=torch.int64))
        # PREDICT: which ids are in y, if x is [5, 6, 7]?
        targets.append(torch.as_tensor(ids[start + 1 : end + 1], dtype=torch.int64))
    return torch.stack(inputs), torch.stack(targets)


def train(
    model: Module,
    ids: Tensor,
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: Optional[Callable[[int, float], None]] = None,
) -> list[float]:
    if steps < 1:
        raise ValueError("steps must be positive, got " + str(steps))
    generator: torch.Generator = torch.Generator()
    generator.manual_seed(seed)
    device: torch.device = next(model.parameters()).device
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses: list[float] = []
    was_training: bool = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            x, y = get_batch(ids, batch_size, block_size, generator)
            logits: Tensor = model(x.to(device))
            vocab_size: int = logits.shape[2]
            # All positions of all rows in one long list of guesses.
            loss: Tensor = cross_entropy(logits.reshape(-1, vocab_size), y.to(device).reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_value: float = loss.item()
            losses.append(loss_value)
            # onStep?.invoke(step, lossValue)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        model.train(was_training)
    return losses


def save_checkpoint(path: str | Path, model: Module, tokenizer: CharTokenizer) -> None:
    target: Path = Path(path)
    checkpoint: dict[str, Any] = {
        KEY_CONFIG: dict(model.config),
        KEY_VOCAB: list(tokenizer.vocab),
        KEY_STATE: model.state_dict(),
    }
    # Files.createTempFile(dir, prefix, suffix)
    handle, temp_name = tempfile.mkstemp(prefix=target.name, suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:  # try-with-resources
            torch.save(checkpoint, stream)
        os.replace(temp_name, target)
    finally:
        # Files.deleteIfExists(tempFile)
        Path(temp_name).unlink(missing_ok=True)


def load_checkpoint(path: str | Path) -> tuple[Module, CharTokenizer]:
    with open(path, "rb") as stream:
        try:
            checkpoint: dict[str, Any] = torch.load(stream, map_location="cpu", weights_only=True)
        except Exception as cause:
            raise ValueError("not a readable checkpoint: " + str(path)) from cause
    try:
        model: Module = MiniGPT(**checkpoint[KEY_CONFIG])
        model.load_state_dict(checkpoint[KEY_STATE])
        characters: str = "".join(checkpoint[KEY_VOCAB][NUMBER_OF_SPECIAL_TOKENS:])
    except (KeyError, TypeError, IndexError, AttributeError, RuntimeError) as cause:
        raise ValueError("not a checkpoint of this program: " + str(path)) from cause
    model.eval()
    return model, CharTokenizer(characters)
