"""Training loop and checkpoint I/O for MiniGPT."""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
import torch.nn.functional as F

log = logging.getLogger(__name__)

CHECKPOINT_VERSION = 1


@contextmanager
def _train_mode(model):
    prev = model.training
    model.train()
    try:
        yield model
    finally:
        model.train(prev)


def get_batch(ids, batch_size, block_size, generator):
    """Sample (x, y), both (B, T) int64; y is x shifted left by one. `ids` may be a memmap."""
    n = len(ids) - block_size
    if n <= 0:
        raise ValueError(f"need at least block_size + 1 = {block_size + 1} ids, got {len(ids)}")
    ix = torch.randint(n, (batch_size,), generator=generator).tolist()
    chunks = torch.stack(
        [torch.as_tensor(ids[i : i + block_size + 1], dtype=torch.long) for i in ix]
    )  # (B, T + 1)
    x = chunks[:, :-1]
    y = chunks[:, 1:]  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=0,
    on_step=None,
):
    if steps < 1:
        raise ValueError(f"steps must be >= 1, got {steps}")
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    history = []
    with _train_mode(model), torch.enable_grad():
        for step in range(1, steps + 1):
            x, y = get_batch(ids, batch_size, block_size, generator)
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            logits = model(x)  # (B, T, V)
            # cross_entropy wants the classes in dim 1: (B, V, T) vs (B, T)
            loss = F.cross_entropy(logits.transpose(1, 2), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            history.append(loss.item())
            log.debug("step %d/%d loss %.4f", step, steps, history[-1])
            if on_step is not None:
                on_step(step, history[-1])
    return history


def save_checkpoint(path, model, tokenizer):
    """Atomic save: temp file next to the target, then rename."""
    path = Path(path)
    payload = {
        "version": CHECKPOINT_VERSION,
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "model": model.state_dict(),
    }
    fd, tmp = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(fd, "wb") as f:
            torch.save(payload, f)
        os.replace(tmp, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(tmp)
        raise


def load_checkpoint(path):
    """Return (model in eval mode on CPU, tokenizer)."""
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        payload = torch.load(path, map_location="cpu", weights_only=True)
        if payload["version"] != CHECKPOINT_VERSION:
            raise KeyError(f"version {payload['version']}")
        model = MiniGPT(**payload["config"])
        model.load_state_dict(payload["model"])
        tokenizer = CharTokenizer("".join(payload["vocab"][3:]))
    except Exception as e:
        raise ValueError(f"cannot load checkpoint {path}: {e}") from e
    model.eval()
    return model, tokenizer
