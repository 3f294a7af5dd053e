"""Decoder-only transformer (pre-LN). Index letters: b batch, h head, q/k positions, d head dim."""

import torch
from torch import nn


def causal_attention(q, k, v):
    T, D = q.shape[-2:]
    q = q * D**-0.5
    s = torch.einsum("bhqd,bhkd->bhqk", q, k)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    i = torch.arange(T, device=q.device)
    s = torch.where(i[:, None] >= i[None, :], s, -torch.inf)
    # softmax, shifted for stability
    e = torch.exp(s - s.amax(dim=-1, keepdim=True))
    w = e / e.sum(dim=-1, keepdim=True)
    return torch.einsum("bhqk,bhkd->bhqd", w, v), w


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        a = self.qkv(x).reshape(B, T, 3, self.n_head, C // self.n_head)
        a = torch.einsum("btnhd->nbhtd", a)  # (B, T, 3, H, D) -> (3, B, H, T, D)
        y = causal_attention(a[0], a[1], a[2])[0]
        return self.output(y.permute(0, 2, 1, 3).reshape(B, T, C))  # (B, H, T, D) -> (B, T, C)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1, self.attention = nn.LayerNorm(n_embd), SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd))

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.mlp(self.norm_2(x))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head:
            raise ValueError(f"{n_embd=} is not a multiple of {n_head=}")
        self.config = dict(
            vocab_size=vocab_size, n_embd=n_embd, n_head=n_head, n_layer=n_layer, block_size=block_size
        )
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        T = ids.shape[1]
        if T > self.config["block_size"]:
            raise ValueError(f"{T=} exceeds block_size={self.config['block_size']}")
        x = self.token_embedding(ids) + self.position_embedding.weight[:T]  # (B, T) -> (B, T, C)
        for f in [*self.blocks, self.norm, self.head]:
            x = f(x)
        return x  # (B, T, V)
