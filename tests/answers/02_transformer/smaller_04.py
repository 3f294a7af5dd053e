import math

import torch
from torch import nn


def causal_attention(q, k, v):
    T, D = q.shape[-2:]
    # One score per (query, key) pair: (B, H, T, T). Dividing by sqrt(D) keeps the
    # scores from growing with D, which would push the softmax towards 0 and 1.
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)
    # True strictly above the diagonal: the key comes later than the query.
    future = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(diagonal=1)
    # -inf becomes a weight of exactly 0; masked_fill (no underscore) makes a new tensor.
    scores = scores.masked_fill(future, float("-inf"))
    # Over the last dimension (the keys), so that each query's weights sum to 1.
    weights = torch.softmax(scores, dim=-1)
    # The weighted average of the values: (B, H, T, D).
    output = weights @ v
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        # Each head gets an equal share of the channels.
        if n_embd % n_head != 0:
            raise ValueError("n_embd must be divisible by n_head")
        self.n_head = n_head
        # One layer that makes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # Mixes the results of the heads.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        # (B, T, 3C) -> three tensors of shape (B, T, C).
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        # (B, T, C) -> (B, T, H, D) -> (B, H, T, D). Split C first, then swap T and H:
        # a direct reshape to (B, H, T, D) would mix up positions and channels.
        q = q.reshape(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        k = k.reshape(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.reshape(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        # The weights are not needed here.
        y, _ = causal_attention(q, k, v)
        # Join the heads: (B, H, T, D) -> (B, T, H, D) -> (B, T, C).
        y = y.transpose(1, 2).reshape(B, T, C)
        return self.output(y)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        # Widen, bend, narrow: without GELU the two Linears would amount to one.
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        # Exchange information between positions; add the result to x.
        x = x + self.attention(self.norm_1(x))
        # Process each position on its own; add the result to x.
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        # Everything needed to build the same model again.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        # One learned vector per token, and one per position.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        # ModuleList, not a plain list, so that PyTorch finds the blocks' parameters.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        # From a vector to one score per vocabulary entry.
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.shape
        # There is no position vector beyond block_size.
        if T > self.config["block_size"]:
            raise ValueError(f"sequence length {T} exceeds block_size {self.config['block_size']}")
        # 0, 1, ..., T - 1, on the same device as ids.
        positions = torch.arange(T, device=ids.device)
        # (B, T, C) + (T, C): the position vectors are shared by the whole batch.
        x = self.token_embedding(ids) + self.position_embedding(positions)
        for block in self.blocks:
            x = block(x)
        # Logits (B, T, vocab_size), without softmax.
        return self.head(self.norm(x))
