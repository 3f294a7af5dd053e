import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def causal_attention(q, k, v):
    # q, k, v: (B, H, T, D)
    B, H, T, D = q.size()
    # Similarity of every query with every key, scaled
    att = (q @ k.transpose(-2, -1)) / math.sqrt(D)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # Causal mask: 1 = may look, 0 = future
    mask = torch.tril(torch.ones(T, T, device=q.device))
    att = att.masked_fill(mask == 0, float("-inf"))
    # Each row becomes weights that sum to 1
    att = F.softmax(att, dim=-1)
    # Weighted mix of the values
    return att @ v, att  # (B, H, T, D), (B, H, T, T)


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.size()
        # One projection, cut in three
        q, k, v = self.qkv(x).split(C, dim=2)  # 3 x (B, T, C)
        # (B, T, C) -> (B, H, T, D)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        y, _ = causal_attention(q, k, v)
        # (B, H, T, D) -> (B, T, C)
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.output(y)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError("n_embd must be divisible by n_head")
        # Remember how the model was built
        self.config = dict(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.size()
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"sequence of length {T} is longer than block_size {block_size}")
        # Token + position
        pos = torch.arange(T, device=ids.device)
        x = self.token_embedding(ids) + self.position_embedding(pos)  # (B, T) -> (B, T, C)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x)  # (B, T, C) -> (B, T, vocab_size)
