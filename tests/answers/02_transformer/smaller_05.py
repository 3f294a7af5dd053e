import math

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    # T is the sequence length, D the size of one head
    T, D = q.shape[-2], q.shape[-1]
    # Compare every query with every key: (B, H, T, T); sqrt(D) keeps the scores from growing with D
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)
    # True above the diagonal: the places where the key comes later than the query
    future = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(diagonal=1)
    # -inf becomes a weight of exactly 0 in the softmax (masked_fill without "_" makes a new tensor)
    scores = scores.masked_fill(future, float("-inf"))
    # Each row becomes weights that sum to 1
    weights = torch.softmax(scores, dim=-1)
    # Weighted average of the values: (B, H, T, D)
    output = weights @ v
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        # The heads share the C channels equally, so C must divide by n_head
        if n_embd % n_head != 0:
            raise ValueError("n_embd must be divisible by n_head")
        self.n_head = n_head
        # One layer computes q, k and v together
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # Mixes the joined heads
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        # (B, T, 3C) -> three tensors of (B, T, C)
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        # Split C into heads, then put the head before the time: (B, T, C) -> (B, H, T, D)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        # The weights are not needed here
        y, _ = causal_attention(q, k, v)
        # Join the heads: (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        y = y.transpose(1, 2).reshape(B, T, C)
        return self.output(y)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        # Widen to 4 * n_embd, apply the non-linearity, come back to n_embd
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        # Positions exchange information; the result is added to x (not "+=", which would be in place)
        x = x + self.attention(self.norm_1(x))
        # Each position is processed on its own; again added to x
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        # Keep the settings, so that the same model can be built again: MiniGPT(**config)
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        # One learned vector per token
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        # One learned vector per position
        self.position_embedding = nn.Embedding(block_size, n_embd)
        # ModuleList registers the blocks, so that their parameters are found and trained
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        # Final normalisation before the head
        self.norm = nn.LayerNorm(n_embd)
        # From a vector to one score per token of the vocabulary
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.shape
        # There is no position vector beyond block_size
        if T > self.config["block_size"]:
            raise ValueError("the sequence is longer than block_size")
        # 0, 1, ..., T - 1, on the same device as ids
        positions = torch.arange(T, device=ids.device)
        # (B, T, C) + (T, C): the positions are broadcast over the batch
        x = self.token_embedding(ids) + self.position_embedding(positions)
        # Run the blocks one after the other
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        # Raw logits (B, T, vocab_size): cross_entropy applies the softmax itself
        return self.head(x)
