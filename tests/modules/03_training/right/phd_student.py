r"""Maximum likelihood training.

    L(θ) = - 1/(BT) sum_{b,t} log p_θ(y_{b,t} | x_{b,<=t}),    y_{b,t} = x_{b,t+1}     (1)
    θ <- AdamW(θ, grad L; η)              (Loshchilov & Hutter 2019)                    (2)
"""

import os
from pathlib import Path

import numpy as np
import torch
from torch.optim import AdamW

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

FORMAT = 1


def get_batch(ids, batch_size, block_size, generator):
    """s_b ~ U{0, ..., N - T - 1} i.i.d.; x_b = ids[s_b : s_b + T], y_b = ids[s_b + 1 : s_b + T + 1]."""
    N, B, T = len(ids), batch_size, block_size
    if N <= T:
        raise ValueError(f"need N >= T + 1 ids, got N = {N}, T = {T}")
    s = torch.randint(N - T, (B,), generator=generator)
    # index matrix (B, T + 1); only these ids are read, even from a memmap
    idx = s[:, None] + torch.arange(T + 1)
    w = torch.from_numpy(np.asarray(ids)[idx.numpy()].astype(np.int64))
    x, y = w[:, :-1], w[:, 1:]  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x.contiguous(), y.contiguous()


def nll(z, y):
    """Eq. (1): z are logits (B, T, V), y the targets (B, T)."""
    log_p = z.log_softmax(dim=-1)
    return -log_p.gather(-1, y.unsqueeze(-1)).mean()


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
    """Returns [L_1, ..., L_steps]."""
    if steps < 1:
        raise ValueError(f"steps >= 1 expected, got {steps}")
    g = torch.Generator().manual_seed(seed)
    θ = list(model.parameters())
    η = learning_rate
    opt = AdamW(θ, lr=η)
    mode, losses = model.training, []
    model.train()
    try:
        for t in range(1, steps + 1):
            x, y = get_batch(ids, batch_size, block_size, g)
            L = nll(model(x.to(θ[0].device)), y.to(θ[0].device))
            opt.zero_grad()
            L.backward()
            opt.step()
            losses.append(L.item())
            if on_step is not None:
                on_step(t, losses[-1])
    finally:
        model.train(mode)
    return losses


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    tmp = path.parent / f".{path.name}.{os.getpid()}.part"
    ckpt = {
        "version": FORMAT,
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "theta": {name: p.detach() for name, p in model.state_dict().items()},
    }
    try:
        with tmp.open("wb") as f:
            torch.save(ckpt, f)
        os.replace(tmp, path)
    finally:
        tmp.unlink(missing_ok=True)


def load_checkpoint(path):
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        ckpt = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(ckpt, dict) or ckpt.get("version") != FORMAT:
            raise ValueError("unknown format")
        model = MiniGPT(**ckpt["config"])
        model.load_state_dict(ckpt["theta"])
        tokenizer = CharTokenizer("".join(ckpt["vocab"][3:]))
    except Exception as e:
        raise ValueError(f"{path} holds no whole checkpoint of format {FORMAT}") from e
    return model.eval(), tokenizer
