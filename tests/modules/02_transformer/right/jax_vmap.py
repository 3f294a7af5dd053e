# JAX habits: the formula for one head of one sequence, vmap for the rest, reduce and map, comprehensions
from functools import reduce
from inspect import signature

import torch
from torch import nn, vmap


def _attend(q, k, v):
    """One head of one sequence: (T, D) each -> (T, D), (T, T)."""
    T, D = q.shape
    t = torch.arange(T)
    logits = torch.einsum("id,jd->ij", q, k) * D**-0.5
    logits = torch.where(t[:, None] >= t[None, :], logits, -torch.inf)
    probs = logits.softmax(-1)
    return probs @ v, probs


causal_attention = vmap(vmap(_attend))  # over the batch, then over the heads


class Attend(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H, self.project, self.combine = H, nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        heads = lambda z: z.unflatten(-1, (self.H, -1)).swapaxes(1, 2)
        out, _ = causal_attention(*map(heads, self.project(x).chunk(3, dim=-1)))
        return self.combine(out.swapaxes(1, 2).flatten(2))


def mlp(C, factor=4):
    return nn.Sequential(nn.Linear(C, factor * C), nn.SiLU(), nn.Linear(factor * C, C))


class Residual(nn.Sequential):
    """x -> x + f(norm(x))"""

    def forward(self, x):
        return x + super().forward(x)


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        args = (vocab_size, n_embd, n_head, n_layer, block_size)
        self.config = dict(zip(signature(MiniGPT).parameters, args))
        if n_embd % n_head:
            raise ValueError("n_head must divide n_embd")
        self.embed = nn.ModuleList(nn.Embedding(n, n_embd) for n in (vocab_size, block_size))
        self.layers = nn.ModuleList(
            Residual(nn.LayerNorm(n_embd), f)
            for _ in range(n_layer)
            for f in (Attend(n_embd, n_head), mlp(n_embd))
        )
        self.unembed = nn.Sequential(nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size))

    def forward(self, ids):
        if (T := ids.size(1)) > self.config["block_size"]:
            raise ValueError(f"{T} tokens do not fit")
        what, where = self.embed
        h = what(ids) + where(torch.arange(T))
        h = reduce(lambda h, layer: layer(h), self.layers, h)
        return self.unembed(h)
