"""Style: a numpy person: one grid of indices, fancy indexing, the loss written out by hand."""

import os

import numpy as np
import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    arr = np.asarray(ids, dtype=np.int64)
    n = arr.shape[0] - block_size
    starts = torch.randint(0, n, (batch_size, 1), generator=generator).numpy()
    grid = starts + np.arange(block_size)[np.newaxis, :]
    x = torch.from_numpy(arr[grid])
    y = torch.from_numpy(arr[grid + 1])
    return x, y


def nll(logits, y):
    """Mean negative log likelihood, with the largest logit subtracted first."""
    z = logits - logits.amax(dim=-1, keepdim=True)
    logp = z - z.exp().sum(dim=-1, keepdim=True).log()
    picked = logp.gather(-1, y.unsqueeze(-1)).squeeze(-1)
    return -picked.mean()


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=7, on_step=None
):
    rng = torch.Generator()
    rng.manual_seed(seed)
    params = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.Adam(params, lr=learning_rate, betas=(0.9, 0.99))
    losses = np.zeros(steps)
    mode = model.training
    model.train(True)
    for k in range(steps):
        x, y = get_batch(ids, batch_size, block_size, rng)
        loss = nll(model(x), y)
        for p in params:
            p.grad = None
        loss.backward()
        opt.step()
        losses[k] = loss.detach().numpy()
        if on_step is not None:
            on_step(k, float(losses[k]))
    model.train(mode)
    return losses.tolist()


def save_checkpoint(path, model, tokenizer):
    path = os.fspath(path)
    flat = {f"config.{key}": value for key, value in model.config.items()}
    flat.update({f"weight.{key}": value for key, value in model.state_dict().items()})
    flat["letters"] = "".join(tokenizer.vocab[3:])
    scratch = f"{path}.{os.getpid()}"
    torch.save(flat, scratch)
    os.replace(scratch, path)


def load_checkpoint(path):
    flat = torch.load(path, map_location="cpu", weights_only=True)
    config, weights = {}, {}
    for key, value in flat.items():
        kind, _, name = key.partition(".")
        if kind == "config":
            config[name] = value
        elif kind == "weight":
            weights[name] = value
    model = MiniGPT(**config)
    model.load_state_dict(weights)
    model.train(False)
    return model, CharTokenizer(flat["letters"])
