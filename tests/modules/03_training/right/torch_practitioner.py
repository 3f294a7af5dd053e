import os
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    ids = torch.as_tensor(ids)
    n_windows = ids.numel() - block_size
    if n_windows < 1:
        raise ValueError(f"need at least {block_size + 1} ids, got {ids.numel()}")
    # all windows of block_size + 1 as one view: (n_windows, block_size + 1)
    windows = ids.unfold(0, block_size + 1, 1)
    starts = torch.randint(n_windows, (batch_size,), generator=generator)
    chunk = windows[starts.to(ids.device)].long()
    x = chunk[:, :-1].clone()
    y = chunk[:, 1:].clone()  # PREDICT: which ids are in y, if x is [5, 6, 7]?
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
    losses = []
    was_training = model.training
    model.train()
    try:
        for step in range(1, steps + 1):
            x, y = (t.to(device) for t in get_batch(ids, batch_size, block_size, generator))
            logits = model(x)  # (B, T, V)
            # cross_entropy wants the classes in dim 1: (B, V, T) against (B, T)
            loss = F.cross_entropy(logits.transpose(1, 2), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if on_step is not None:
                on_step(step, losses[-1])
    finally:
        model.train(was_training)
    return losses


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    ckpt = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "model": model.state_dict(),
    }
    tmp = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with tmp.open("wb") as f:
            torch.save(ckpt, f)
        os.replace(tmp, path)
    finally:
        tmp.unlink(missing_ok=True)


def load_checkpoint(path):
    with Path(path).open("rb") as f:
        try:
            ckpt = torch.load(f, map_location="cpu", weights_only=True)
        except Exception as e:
            raise ValueError(f"cannot read {path} as a checkpoint") from e
    try:
        model = MiniGPT(**ckpt["config"])
        model.load_state_dict(ckpt["model"])
        tokenizer = CharTokenizer("".join(ckpt["vocab"][3:]))
    except (KeyError, TypeError, AttributeError, IndexError, RuntimeError) as e:
        raise ValueError(f"{path} does not fit this model") from e
    return model.eval(), tokenizer
