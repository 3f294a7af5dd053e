"""Somebody at home in numpy: axis and newaxis, np.tril, a softmax by hand, moveaxis."""

import numpy as np
import torch
from torch import nn


def softmax(a, axis):
    a = a - a.amax(axis, keepdim=True)
    e = a.exp()
    return e / e.sum(axis=axis, keepdim=True)


def causal_attention(q, k, v):
    T, D = q.shape[-2:]
    visible = torch.from_numpy(np.tril(np.ones((T, T), dtype=bool))).to(q.device)
    scores = (q @ k.swapaxes(-1, -2)) / np.sqrt(D)
    scores = torch.where(visible[np.newaxis, np.newaxis], scores, -1e9)
    weights = softmax(scores, axis=-1)
    return weights @ v, weights


class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.project = nn.ModuleDict({name: nn.Linear(C, C) for name in "qkvo"})

    def heads(self, name, x):
        B, T, C = x.shape
        return torch.moveaxis(self.project[name](x).reshape(B, T, self.H, C // self.H), 2, 1)

    def forward(self, x):
        q, k, v = (self.heads(name, x) for name in "qkv")
        y, _ = causal_attention(q, k, v)
        y = torch.moveaxis(y, 1, 2).reshape(x.shape)
        return self.project["o"](y)


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        given = dict(locals())
        wanted = ["vocab_size", "n_embd", "n_head", "n_layer", "block_size"]
        self.config = {name: given[name] for name in wanted}
        C = n_embd
        self.wt = nn.Embedding(vocab_size, C)
        self.wp = nn.Embedding(block_size, C)
        self.norm1 = nn.ModuleList([nn.LayerNorm(C) for _ in range(n_layer)])
        self.attention = nn.ModuleList([Attention(C, n_head) for _ in range(n_layer)])
        self.norm2 = nn.ModuleList([nn.LayerNorm(C) for _ in range(n_layer)])
        self.expand = nn.ModuleList([nn.Linear(C, 4 * C) for _ in range(n_layer)])
        self.shrink = nn.ModuleList([nn.Linear(4 * C, C) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(C)
        self.readout = nn.Linear(C, vocab_size)

    def forward(self, ids):
        t = torch.from_numpy(np.arange(ids.shape[1])).to(ids.device)
        x = self.wt(ids) + self.wp(t)[np.newaxis, :, :]
        for i in range(len(self.attention)):
            x = x + self.attention[i](self.norm1[i](x))
            hidden = torch.tanh(self.expand[i](self.norm2[i](x)))
            x = x + self.shrink[i](hidden)
        return self.readout(self.norm(x))
