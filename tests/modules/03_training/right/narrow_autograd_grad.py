# a physicist's rarer torch: random_, narrow, log_softmax + nll_loss, autograd.grad, NAdam
import os
from contextlib import suppress

import torch
from torch.nn import functional as F

from mini_gpt import tokenizer as tok
from mini_gpt import transformer as net

N_SPECIAL = 3


def get_batch(ids, batch_size, block_size, generator):
    n = ids.numel() - block_size
    if n < 1:
        raise ValueError(f"{ids.numel()} ids hold no window of {block_size} and its answer")
    at = torch.empty(batch_size, dtype=torch.int64).random_(n, generator=generator).tolist()
    x = torch.stack([ids.narrow(0, s, block_size) for s in at])
    y = torch.stack([ids.narrow(0, s + 1, block_size) for s in at])
    return x, y


def surprise(model, x, y):
    log_p = model(x).log_softmax(dim=-1)
    return F.nll_loss(log_p.flatten(0, 1), y.flatten())


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError("steps < 1")
    rng = torch.Generator().manual_seed(seed)
    theta = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.NAdam(theta, lr=learning_rate)
    history = torch.zeros(steps, dtype=torch.float64)
    before = model.training
    model.train()
    for k in range(steps):
        loss = surprise(model, *get_batch(ids, batch_size, block_size, rng))
        grads = torch.autograd.grad(loss, theta, allow_unused=True)
        for p, g in zip(theta, grads, strict=True):
            p.grad = g
        opt.step()
        history[k] = loss.detach()
        if on_step:
            on_step(k + 1, history[k].item())
    model.train(before)
    return history.tolist()


def save_checkpoint(path, model, tokenizer):
    draft = os.fspath(path) + "~"
    try:
        torch.save((model.config, tokenizer.vocab, model.state_dict()), draft)
        os.replace(draft, path)
    finally:
        with suppress(FileNotFoundError):
            os.remove(draft)


def load_checkpoint(path):
    config, vocab, state = torch.load(path, map_location="cpu", weights_only=True)
    model = net.MiniGPT(**config)
    model.load_state_dict(state)
    return model.eval(), tok.CharTokenizer("".join(vocab[N_SPECIAL:]))
