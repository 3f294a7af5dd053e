import math

import torch
from torch import nn


def causal_attention(q, k, v):
    T, D = q.shape[-2], q.shape[-1]
    # Row i, column j: how well query i matches key j. Dividing by sqrt(D) keeps
    # the scores from growing with D, which would make the softmax too sharp.
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)  # (B, H, T, T)
    # True strictly above the diagonal: the future. The diagonal stays visible.
    future = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(diagonal=1)
    # -inf becomes exactly 0 in the softmax. masked_fill (no underscore) makes a new tensor.
    scores = scores.masked_fill(future, float("-inf"))
    # Each row sums to 1 over the visible positions.
    weights = torch.softmax(scores, dim=-1)
    # Weighted average of the values.
    output = weights @ v  # (B, H, T, D)
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        # The heads must share the channels evenly.
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")
        self.n_head = n_head
        # One layer computes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # Mixes the joined heads.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        # (B, T, 3C) -> three tensors of shape (B, T, C).
        q, k, v = self.qkv(x).split(C, dim=-1)
        # (B, T, C) -> (B, T, H, D) -> (B, H, T, D). A direct view to (B, H, T, D)
        # would have the right shape but would mix up tokens and heads.
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
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
        # Widen, apply a non-linearity, narrow back: for each token separately.
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        # Not x += ...: that would change the caller's tensor in place.
        x = x + self.attention(self.norm_1(x))
        # The MLP works on what the attention has added.
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        # Kept so that the same model can be rebuilt later.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        # One learned vector per token id.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        # One learned vector per position, so block_size is the longest input.
        self.position_embedding = nn.Embedding(block_size, n_embd)
        # ModuleList (not a plain list) registers the parameters of the blocks.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        # Normalises the output of the last block.
        self.norm = nn.LayerNorm(n_embd)
        # From a vector to one score per vocabulary entry.
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.shape
        # A clear message instead of an index error from the embedding.
        if T > self.config["block_size"]:
            raise ValueError(f"input has {T} tokens, block_size is {self.config['block_size']}")
        # 0, 1, ..., T-1, on the same device as the ids.
        positions = torch.arange(T, device=ids.device)
        # (B, T, C) + (T, C): the position vectors are shared by the whole batch.
        x = self.token_embedding(ids) + self.position_embedding(positions)
        for block in self.blocks:
            x = block(x)
        # Raw logits, no softmax: nn.CrossEntropyLoss expects them like this.
        return self.head(self.norm(x))  # (B, T, vocab_size)
