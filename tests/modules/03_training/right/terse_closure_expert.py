import os
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    if len(ids) <= block_size:
        raise ValueError(f"{len(ids)} ids, want > {block_size}")
    w = ids.unfold(0, block_size + 1, 1)
    w = w[torch.randint(len(w), (batch_size,), generator=generator)]
    return w[:, :-1], w[:, 1:]  # PREDICT: which ids are in y, if x is [5, 6, 7]?


def _stream(ids, B, T, seed):
    g = torch.Generator().manual_seed(seed)
    while True:
        yield get_batch(ids, B, T, g)


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError(f"steps={steps}")

    opt = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    def closure():
        opt.zero_grad()
        loss = F.cross_entropy(model(x).transpose(1, 2), y)
        loss.backward()
        return loss

    losses, was = [], model.training
    model.train()
    try:
        for k, (x, y) in zip(range(1, steps + 1), _stream(ids, batch_size, block_size, seed)):
            losses.append(opt.step(closure).item())
            on_step and on_step(k, losses[-1])
    finally:
        model.train(was)
    return losses


def save_checkpoint(path, model, tokenizer):
    path = Path(path)
    fd, tmp = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with open(fd, "wb") as f:
            torch.save(dict(c=model.config, v=tokenizer.vocab, w=model.state_dict()), f)
        os.replace(tmp, path)
    except BaseException:
        os.unlink(tmp)
        raise


def load_checkpoint(path):
    d = torch.load(path, weights_only=True, map_location="cpu")
    m = MiniGPT(**d["c"])
    m.load_state_dict(d["w"])
    return m.eval(), CharTokenizer("".join(d["v"][3:]))
