import math

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    T, D = q.shape[-2:]
    # Similarity of every query with every key: (B, H, T, T). Dividing by sqrt(D)
    # keeps the scores from growing with D, which would make the softmax too sharp.
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)
    # True strictly above the diagonal: where key position > query position.
    future = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(diagonal=1)
    # A score of -inf becomes a weight of exactly 0 (masked_fill makes a new tensor).
    scores = scores.masked_fill(future, float("-inf"))
    # Each row becomes weights that sum to 1 over the visible positions.
    weights = torch.softmax(scores, dim=-1)
    # Weighted average of the values: (B, H, T, D).
    output = weights @ v
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        # The heads share the C channels equally, so C must divide evenly.
        if n_embd % n_head != 0:
            raise ValueError("n_embd must be divisible by n_head")
        self.n_head = n_head
        # One layer computes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # Mixes the heads after they are joined.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        # (B, T, 3C) -> three tensors of shape (B, T, C).
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        # Split the channels into heads: (B, T, C) -> (B, T, H, D) -> (B, H, T, D).
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        # Every head attends on its own; the weights are not needed here.
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
        # Widen to 4C, apply the non-linearity, go back to C.
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        # Exchange information between positions, added to the input.
        x = x + self.attention(self.norm_1(x))
        # Process each position on its own, added to the input.
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
        # One learned vector per token id.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        # One learned vector per position, up to block_size positions.
        self.position_embedding = nn.Embedding(block_size, n_embd)
        # ModuleList registers the blocks, so their parameters are found.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        # From the final vector to one score per token of the vocabulary.
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.shape
        # There is no position vector beyond block_size.
        if T > self.config["block_size"]:
            raise ValueError(
                f"sequence length {T} is greater than block_size {self.config['block_size']}"
            )
        # The positions 0 .. T-1, on the same device as the ids.
        positions = torch.arange(T, device=ids.device)
        # (B, T, C) + (T, C): the position vectors are shared by the whole batch.
        x = self.token_embedding(ids) + self.position_embedding(positions)
        for block in self.blocks:
            x = block(x)
        # Logits of shape (B, T, vocab_size), without softmax.
        return self.head(self.norm(x))
