"""Package trainer: batches, the training loop, checkpoints.

Style note to myself: ExitStack is what comes closest to defer.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, suppress
from typing import Callable, Optional

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

CHECKPOINT_VERSION = 1
NUM_SPECIAL = 3  # <pad>, <unk>, <eos>


def get_batch(ids, batch_size: int, block_size: int, generator: torch.Generator):
    """GetBatch returns batch_size windows and the same windows shifted by one."""
    n = len(ids)
    if n < block_size + 1:
        raise ValueError(f"trainer: get_batch: need {block_size + 1} ids, got {n}")

    # rand.Intn(n - block_size): the upper end is exclusive
    starts = torch.randint(0, n - block_size, (batch_size,), generator=generator)

    x = torch.empty(batch_size, block_size, dtype=torch.int64)
    y = torch.empty(batch_size, block_size, dtype=torch.int64)
    for i, start in enumerate(starts.tolist()):
        end = start + block_size
        x[i] = torch.asarray(ids[start:end], dtype=torch.int64, copy=True)
        # PREDICT: which ids are in y, if x is [5, 6, 7]?
        y[i] = torch.asarray(ids[start + 1 : end + 1], dtype=torch.int64, copy=True)
    return x, y


def train(
    model,
    ids,
    *,
    steps: int = 100,
    batch_size: int = 32,
    block_size: int = 64,
    learning_rate: float = 6e-3,
    seed: int = 0,
    on_step: Optional[Callable[[int, float], None]] = None,
) -> list[float]:
    """Train runs the loop and returns one loss for each step."""
    if steps < 1:
        raise ValueError(f"trainer: train: steps must be >= 1, got {steps}")

    generator = torch.Generator()
    generator.manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    device = next(model.parameters()).device

    losses = [0.0] * steps  # make([]float64, steps)
    with ExitStack() as defer:
        # defer model.train(was); the argument is evaluated now, the call comes at the end
        defer.callback(model.train, model.training)
        model.train()

        for i in range(steps):
            x, y = get_batch(ids, batch_size, block_size, generator)
            logits = model(x.to(device))  # (B, T) -> (B, T, V)
            loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.to(device).reshape(-1))

            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

            losses[i] = loss.item()
            if on_step is not None:
                on_step(i + 1, losses[i])
    return losses


def save_checkpoint(path, model, tokenizer) -> None:
    """SaveCheckpoint writes to a temporary file and renames it over path."""
    path = os.fspath(path)
    payload = {
        "version": CHECKPOINT_VERSION,
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }

    # f, err := os.CreateTemp(dir, "ckpt-*.tmp")
    fd, tmp = tempfile.mkstemp(prefix="ckpt-", suffix=".tmp", dir=os.path.dirname(path) or ".")
    try:
        with os.fdopen(fd, "wb") as f:
            torch.save(payload, f)
            f.flush()
            os.fsync(f.fileno())
        os.replace(tmp, path)
    except BaseException as err:
        with suppress(FileNotFoundError):
            os.remove(tmp)
        raise err


def load_checkpoint(path):
    """LoadCheckpoint returns the model (eval mode, on the CPU) and its tokenizer."""
    with open(path, "rb") as f:
        try:
            payload = torch.load(f, map_location="cpu", weights_only=True)
        except Exception as err:
            raise ValueError(f"trainer: load_checkpoint: cannot read {path}") from err

    if not isinstance(payload, dict) or payload.get("version") != CHECKPOINT_VERSION:
        raise ValueError(f"trainer: load_checkpoint: {path} is no checkpoint of version {CHECKPOINT_VERSION}")

    try:
        chars = "".join(payload["vocab"][NUM_SPECIAL:])
        model = MiniGPT(**payload["config"])
        model.load_state_dict(payload["state_dict"])
    except (AttributeError, KeyError, TypeError, RuntimeError) as err:
        raise ValueError(f"trainer: load_checkpoint: {path} does not fit the model") from err

    model.eval()
    return model, CharTokenizer(chars)
