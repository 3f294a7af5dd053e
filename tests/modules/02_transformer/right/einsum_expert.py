"""Terse: einsum for every contraction, residual wrappers, one Sequential."""

import torch
from torch import einsum, nn


def causal_attention(q, k, v):
    s = einsum("bhid,bhjd->bhij", q, k) * q.shape[-1] ** -0.5
    future = torch.ones(s.shape[-2:], dtype=torch.bool, device=s.device).triu(1)
    w = s.masked_fill(future, -torch.inf).softmax(-1)
    return einsum("bhij,bhjd->bhid", w, v), w


class Residual(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.norm, self.inner = nn.LayerNorm(width), inner

    def forward(self, x):
        return x + self.inner(self.norm(x))


class Attend(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        y, _ = causal_attention(q, k, v)
        w = self.out.weight.unflatten(1, (self.heads, -1))
        return einsum("bhtd,ohd->bto", y, w) + self.out.bias


def feed_forward(width):
    return nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        self.config = dict(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )
        self.tok, self.pos = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)
        layers = []
        for _ in range(n_layer):
            layers += [Residual(n_embd, Attend(n_embd, n_head))]
            layers += [Residual(n_embd, feed_forward(n_embd))]
        self.trunk = nn.Sequential(*layers, nn.LayerNorm(n_embd))
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        x = self.tok(ids) + self.pos.weight[: ids.shape[1]]
        return self.head(self.trunk(x))
