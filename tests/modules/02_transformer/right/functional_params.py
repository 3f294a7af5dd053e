"""Functional: one ParameterDict, pure functions, attention weights masked and renormalised."""

from functools import reduce

import torch
import torch.nn.functional as F
from torch import nn


def causal_attention(q, k, v):
    t = q.shape[-2]
    sharp = torch.einsum("...qd,...kd->...qk", q, k) / q.shape[-1] ** 0.5
    everywhere = F.softmax(sharp, dim=-1)
    past = everywhere * torch.ones(t, t, dtype=q.dtype, device=q.device).tril()
    weights = past / past.sum(dim=-1, keepdim=True)
    return weights @ v, weights


def split_heads(x, n_head):
    return x.reshape(*x.shape[:2], n_head, -1).movedim(2, 1)


def merge_heads(x):
    return x.movedim(1, 2).flatten(2)


def norm(p, name, x):
    return F.layer_norm(x, x.shape[-1:], p[name + "_g"], p[name + "_b"])


def dense(p, name, x):
    return x @ p[name + "_w"] + p[name + "_b"]


def attend(p, at, n_head, x):
    q, k, v = (split_heads(part, n_head) for part in dense(p, at + "qkv", x).chunk(3, dim=-1))
    return dense(p, at + "out", merge_heads(causal_attention(q, k, v)[0]))


def think(p, at, x):
    return dense(p, at + "down", F.gelu(dense(p, at + "up", x), approximate="tanh"))


def block(p, at, n_head, x):
    x = x + attend(p, at, n_head, norm(p, at + "ln1", x))
    return x + think(p, at, norm(p, at + "ln2", x))


def dense_weights(name, n_in, n_out):
    return {name + "_w": torch.randn(n_in, n_out) * 0.05, name + "_b": torch.zeros(n_out)}


def norm_weights(name, n):
    return {name + "_g": torch.ones(n), name + "_b": torch.zeros(n)}


def block_weights(at, n):
    yield norm_weights(at + "ln1", n)
    yield dense_weights(at + "qkv", n, 3 * n)
    yield dense_weights(at + "out", n, n)
    yield norm_weights(at + "ln2", n)
    yield dense_weights(at + "up", n, 4 * n)
    yield dense_weights(at + "down", 4 * n, n)


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        self.config = dict(vocab_size=vocab_size, n_embd=n_embd, n_head=n_head)
        self.config |= dict(n_layer=n_layer, block_size=block_size)
        p = {"tokens": torch.randn(vocab_size, n_embd) * 0.1}
        p["places"] = torch.randn(block_size, n_embd) * 0.1
        for i in range(n_layer):
            for group in block_weights(f"block{i}_", n_embd):
                p.update(group)
        p.update(norm_weights("last", n_embd))
        p.update(dense_weights("logits", n_embd, vocab_size))
        self.p = nn.ParameterDict({name: nn.Parameter(value) for name, value in p.items()})

    def forward(self, ids):
        p, n_head = self.p, self.config["n_head"]
        start = F.embedding(ids, p["tokens"]) + p["places"][: ids.shape[1]]
        names = [f"block{i}_" for i in range(self.config["n_layer"])]
        x = reduce(lambda x, at: block(p, at, n_head, x), names, start)
        return dense(p, "logits", norm(p, "last", x))
