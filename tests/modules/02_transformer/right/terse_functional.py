from functools import reduce

import torch
from torch import nn

# pipe(x, f, g) = g(f(x));  skip(norm, f)(x) = x + f(norm(x))
pipe = lambda x, *fs: reduce(lambda y, f: f(y), fs, x)
skip = lambda norm, f: lambda x: x + f(norm(x))


def causal_attention(q, k, v):
    t, d = q.shape[-2:]
    # who may see whom: (T, T)
    past = torch.ones(t, t, dtype=torch.bool, device=q.device).tril()
    # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    s = torch.where(past, q @ k.mT / d**0.5, -torch.inf)
    w = s.softmax(-1)
    return w @ v, w


class SelfAttention(nn.Module):
    def __init__(self, c, h):
        super().__init__()
        self.h, self.qkv, self.output = h, nn.Linear(c, 3 * c), nn.Linear(c, c)

    def forward(self, x):
        # (B, T, 3C) -> (B, T, 3, H, D) -> 3 times (B, H, T, D)
        qkv = self.qkv(x).unflatten(-1, (3, self.h, -1)).permute(2, 0, 3, 1, 4)
        # (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        return self.output(causal_attention(*qkv)[0].transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, c, h):
        super().__init__()
        self.norm_1, self.attention = nn.LayerNorm(c), SelfAttention(c, h)
        self.norm_2 = nn.LayerNorm(c)
        self.mlp = nn.Sequential(nn.Linear(c, 4 * c), nn.GELU(), nn.Linear(4 * c, c))

    def forward(self, x):
        return pipe(x, skip(self.norm_1, self.attention), skip(self.norm_2, self.mlp))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        config = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        if n_embd % n_head:
            raise ValueError(f"{n_head} heads cannot share {n_embd} numbers")
        super().__init__()
        self.config = config
        self.token_embedding, self.position_embedding = (nn.Embedding(n, n_embd) for n in (vocab_size, block_size))
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.norm, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        if (t := ids.shape[1]) > self.config["block_size"]:
            raise ValueError(f"{t} tokens are too many")
        where = torch.arange(t, device=ids.device)
        # (B, T) -> (B, T, C) -> (B, T, V)
        return pipe(self.token_embedding(ids) + self.position_embedding(where), *self.blocks, self.norm, self.head)
