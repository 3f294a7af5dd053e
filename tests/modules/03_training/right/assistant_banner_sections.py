"""trainer.py -- everything needed to train, save and load a MiniGPT model.

Overview
--------
* ``get_batch``        picks random training examples from the text.
* ``train``            runs the training loop.
* ``save_checkpoint``  safely writes the model to disk.
* ``load_checkpoint``  reads it back, ready for generating text.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Union

import torch
import torch.nn as nn
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

# The first entries of the vocabulary are special tokens, not characters.
NUM_SPECIAL_TOKENS = 3


# ---------------------------------------------------------------------------
# Batching
# ---------------------------------------------------------------------------
def _count_windows(ids: torch.Tensor, block_size: int) -> int:
    """Return how many start positions leave room for a window and its last target."""
    count = ids.numel() - block_size
    if count < 1:
        raise ValueError(
            f"The text is too short: need at least {block_size + 1} ids, got {ids.numel()}."
        )
    return count


def _window_indices(starts: torch.Tensor, block_size: int) -> torch.Tensor:
    """Turn start positions (B,) into a grid of positions (B, T) by broadcasting."""
    offsets = torch.arange(block_size)
    return starts.unsqueeze(1) + offsets.unsqueeze(0)


def get_batch(
    ids: torch.Tensor, batch_size: int, block_size: int, generator: torch.Generator
) -> Tuple[torch.Tensor, torch.Tensor]:
    """Sample a batch of inputs and the targets that come one id later."""
    # Step 1: Pick a random start for each row (the upper bound is exclusive).
    num_windows = _count_windows(ids, block_size)
    starts = torch.randint(0, num_windows, (batch_size,), generator=generator)

    # Step 2: Look up the ids of each window.
    positions = _window_indices(starts, block_size)
    x = ids[positions]

    # Step 3: The targets are the same windows, shifted by one.
    y = ids[positions + 1]  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


# ---------------------------------------------------------------------------
# Training
# ---------------------------------------------------------------------------
@contextmanager
def _training_mode(model: nn.Module) -> Iterator[None]:
    """Temporarily switch the model to train mode."""
    was_training = model.training
    model.train()
    try:
        yield
    finally:
        model.train(was_training)


def _compute_loss(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Average the cross-entropy over every position of every window."""
    logits = model(x)
    vocab_size = logits.size(-1)
    return F.cross_entropy(logits.reshape(-1, vocab_size), y.reshape(-1))


def _update_parameters(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    """Clear old gradients, compute new ones, and take one optimizer step."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def train(
    model: nn.Module,
    ids: torch.Tensor,
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: Optional[Callable[[int, float], None]] = None,
) -> List[float]:
    """Train the model and return the loss of each step."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}.")

    generator = torch.Generator()
    generator.manual_seed(seed)
    losses: List[float] = []
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    with _training_mode(model):
        for step in range(1, steps + 1):
            x, y = get_batch(ids, batch_size, block_size, generator)
            loss = _compute_loss(model, x, y)
            _update_parameters(optimizer, loss)
            losses.append(loss.item())
            if on_step is not None:
                on_step(step, losses[-1])
    return losses


# ---------------------------------------------------------------------------
# Checkpoints
# ---------------------------------------------------------------------------
def save_checkpoint(path: Union[str, Path], model: nn.Module, tokenizer: CharTokenizer) -> None:
    """Atomically save the config, the vocabulary and the weights."""
    path = Path(path)
    temp_path = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    checkpoint: Dict[str, Any] = {
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }
    try:
        torch.save(checkpoint, temp_path)
        os.replace(temp_path, path)
    finally:
        # After a success the temporary file is already gone, and that is fine.
        temp_path.unlink(missing_ok=True)


def load_checkpoint(path: Union[str, Path]) -> Tuple[MiniGPT, CharTokenizer]:
    """Rebuild the model (in eval mode) and its tokenizer from a checkpoint."""
    checkpoint = torch.load(Path(path), map_location="cpu", weights_only=True)
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][NUM_SPECIAL_TOKENS:]))
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])
    model.eval()
    return model, tokenizer
