# style: terse, fond of seldom seen torch functions: take, random_, gather, logsumexp, autograd.grad
import contextlib
import os
import pathlib
import tempfile

import torch as th

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    if (room := ids.numel() - block_size) < 1:
        raise ValueError(f"{ids.numel()} ids cannot fill a window of {block_size} + 1")
    at = th.empty(batch_size, 1, dtype=th.long).random_(0, room, generator=generator)
    at = at + th.arange(block_size)
    return th.take(ids, at), th.take(ids, at + 1)


def surprise(logits, y):
    right = logits.gather(-1, y[..., None])[..., 0]
    return (logits.logsumexp(-1) - right).mean()


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0,
          on_step=None):  # fmt: skip
    if steps < 1:
        raise ValueError("steps < 1")
    g = th.Generator()
    g.manual_seed(seed)
    params = [*model.parameters()]
    opt = th.optim.AdamW(params, learning_rate)
    was, out = model.training, []
    model.train()
    for step in range(1, steps + 1):
        x, y = get_batch(ids, batch_size, block_size, g)
        loss = surprise(model(x), y)
        for p, slope in zip(params, th.autograd.grad(loss, params)):
            p.grad = slope
        opt.step()
        out += [loss.item()]
        if on_step:
            on_step(step, out[-1])
    model.train(was)
    return out


def save_checkpoint(path, model, tokenizer):
    path = pathlib.Path(path)
    blob = dict(config=model.config, vocab=tokenizer.vocab, state=model.state_dict())
    fd, tmp = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
    with contextlib.ExitStack() as undo:
        undo.callback(pathlib.Path(tmp).unlink, missing_ok=True)
        with os.fdopen(fd, "wb") as f:
            th.save(blob, f)
        os.replace(tmp, path)


def load_checkpoint(path):
    blob = th.load(path, map_location="cpu", weights_only=True)
    model = MiniGPT(**blob["config"])
    model.load_state_dict(blob["state"])
    return model.eval(), CharTokenizer("".join(blob["vocab"][3:]))
