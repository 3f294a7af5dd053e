# Style: a chat model's answer, formatted by black: docstrings, multi-line calls, private helpers, mkstemp.
"""Training utilities for the MiniGPT model."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Callable, List, Optional, Tuple, Union

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(
    ids: torch.Tensor,
    batch_size: int,
    block_size: int,
    generator: torch.Generator,
) -> Tuple[torch.Tensor, torch.Tensor]:
    """Sample a random batch of (input, target) windows."""
    num_windows = ids.size(0) - block_size
    if num_windows < 1:
        raise ValueError(
            f"Need at least {block_size + 1} ids to build one window, "
            f"but received only {ids.size(0)}."
        )

    # Sample one random start index per row of the batch.
    start_indices = torch.randint(
        low=0,
        high=num_windows,
        size=(batch_size, 1),
        generator=generator,
    )

    # Broadcast (batch_size, 1) + (1, block_size) -> (batch_size, block_size).
    offsets = torch.arange(block_size).unsqueeze(0)
    positions = start_indices + offsets

    x = ids[positions]
    y = ids[positions + 1]  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


def _compute_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Average the cross-entropy over all positions of all windows."""
    return F.cross_entropy(
        logits.reshape(-1, logits.size(-1)),
        targets.reshape(-1),
    )


def train(
    model: torch.nn.Module,
    ids: torch.Tensor,
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: Optional[Callable[[int, float], None]] = None,
) -> List[float]:
    """Train ``model`` on random windows of ``ids`` and return the loss history."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}.")

    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses: List[float] = []

    was_training = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            # 1. Draw a random batch.
            inputs, targets = get_batch(
                ids,
                batch_size=batch_size,
                block_size=block_size,
                generator=generator,
            )

            # 2. Forward pass.
            loss = _compute_loss(model(inputs), targets)

            # 3. Backward pass and parameter update.
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

            # 4. Bookkeeping.
            loss_value = loss.item()
            losses.append(loss_value)
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        model.train(was_training)

    return losses


def save_checkpoint(path: Union[str, Path], model: torch.nn.Module, tokenizer) -> None:
    """Atomically write the model and tokenizer to ``path``."""
    target = Path(path)
    checkpoint = {
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "model_state_dict": model.state_dict(),
    }
    fd, tmp_name = tempfile.mkstemp(
        dir=target.parent,
        prefix=f".{target.name}.",
        suffix=".tmp",
    )
    os.close(fd)
    try:
        torch.save(checkpoint, tmp_name)
        os.replace(tmp_name, target)
    except BaseException:
        os.unlink(tmp_name)
        raise


def load_checkpoint(path: Union[str, Path]) -> Tuple[MiniGPT, CharTokenizer]:
    """Rebuild the model and tokenizer from a checkpoint file."""
    checkpoint = torch.load(
        path,
        map_location="cpu",
        weights_only=True,
    )
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["model_state_dict"])
    model.eval()
    return model, tokenizer
