"GPT, the short way: data goes in on the left of a pipe and comes out on the right."
from functools import reduce
from inspect import signature

import torch
from torch import nn

pipe = lambda x, *fs: reduce(lambda y, f: f(y), fs, x)
skip = lambda norm, f: lambda x: x + f(norm(x))


def causal_attention(q, k, v):
    T, D = q.shape[-2:]
    seen = q.new_ones(T, T, dtype=torch.bool).tril()
    w = (q.mul(D ** -.5) @ k.mT).where(seen, -torch.inf).softmax(-1)
    return w @ v, w


class SelfAttention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.C, self.H = C, H
        self.qkv, self.output = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        z = self.qkv(x)
        cut = lambda i: z[..., i * self.C:(i + 1) * self.C].unflatten(-1, (self.H, -1)).transpose(1, 2)
        y, _ = causal_attention(*map(cut, range(3)))
        return self.output(y.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.attention = nn.LayerNorm(C), SelfAttention(C, H)
        self.norm_2, self.mlp = nn.LayerNorm(C), nn.Sequential(nn.Linear(C, 4 * C), nn.GELU(), nn.Linear(4 * C, C))

    def forward(self, x):
        return pipe(x, skip(self.norm_1, self.attention), skip(self.norm_2, self.mlp))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        here = locals()
        self_config = {name: here[name] for name in signature(MiniGPT).parameters}
        if n_embd % n_head: raise ValueError(f"{n_head} heads cannot share {n_embd} numbers")
        super().__init__()
        self.config = self_config
        self.token_embedding, self.position_embedding = (nn.Embedding(n, n_embd) for n in (vocab_size, block_size))
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.norm, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        if ids.size(1) > self.config["block_size"]: raise ValueError(f"{ids.size(1)} tokens are too many")
        where = torch.arange(ids.size(1), device=ids.device)
        x = self.token_embedding(ids) + self.position_embedding(where)
        return pipe(x, *self.blocks, self.norm, self.head)
