import math

import torch
from torch import nn


def causal_attention(q, k, v):
    T, D = q.shape[-2], q.shape[-1]
    # Compare every query with every key: (B, H, T, T). Dividing by sqrt(D) keeps the softmax from saturating.
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)
    # True strictly above the diagonal: row = the position that looks, column = the position looked at.
    future = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(diagonal=1)
    # Minus infinity becomes a weight of exactly 0 in the softmax (masked_fill, without "_", makes a new tensor).
    scores = scores.masked_fill(future, float("-inf"))
    # Each row becomes weights that sum to 1 over the visible positions.
    weights = torch.softmax(scores, dim=-1)
    # Average the values with these weights: (B, H, T, D).
    output = weights @ v
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        # The heads share the channels equally, so the division must be exact.
        if n_embd % n_head != 0:
            raise ValueError("n_embd must be divisible by n_head")
        self.n_head = n_head
        # One layer computes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # Mixes the results of the heads.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        # (B, T, 3C) -> three tensors of (B, T, C).
        q, k, v = self.qkv(x).split(C, dim=-1)
        # Cut C into heads, then move the head axis forward: (B, T, C) -> (B, T, H, D) -> (B, H, T, D).
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        # The weights are not needed here.
        y, _ = causal_attention(q, k, v)
        # Join the heads: back to (B, T, H, D) first, then (B, T, C). reshape copies, as the memory is not contiguous.
        y = y.transpose(1, 2).reshape(B, T, C)
        return self.output(y)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        # Widen, apply the nonlinearity, narrow again; the same for every position.
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        # Normalise, attend, and add the result to x (x + ..., not x += ..., so nothing is changed in place).
        x = x + self.attention(self.norm_1(x))
        # The same pattern with the MLP.
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        # Keep the settings, so that the same model can be built again later.
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
        # ModuleList registers the blocks, so that their parameters are found.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        # From a vector to one score per vocabulary entry; its weights are not shared with token_embedding.
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.shape
        # There are only block_size position vectors.
        if T > self.config["block_size"]:
            raise ValueError(f"sequence length {T} exceeds block_size {self.config['block_size']}")
        # 0, 1, ..., T - 1, on the same device as the ids.
        positions = torch.arange(T, device=ids.device)
        # (B, T, C) + (T, C): the position vectors are the same for every sequence of the batch.
        x = self.token_embedding(ids) + self.position_embedding(positions)
        for block in self.blocks:
            x = block(x)
        # Raw logits (B, T, vocab_size): cross_entropy applies the softmax itself.
        return self.head(self.norm(x))
