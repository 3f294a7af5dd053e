"""transformer.py: a small GPT, loop 2 of 4.

Shapes used in the comments:
    B = sequences in the batch, T = tokens per sequence, C = n_embd numbers per token,
    H = n_head heads, D = C / H numbers per head
"""

import math

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    """Scaled dot-product attention in which no token can see the future."""
    T = q.size(-2)
    D = q.size(-1)

    # Compare every query with every key.
    # (B, H, T, D) @ (B, H, D, T) -> (B, H, T, T)
    scores = q @ k.transpose(-2, -1)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Keep the scores in a reasonable range.
    scores = scores / math.sqrt(D)

    # True above the diagonal: these are the places in the future.  # (T, T)
    mask = torch.triu(torch.ones(T, T, dtype=torch.bool, device=q.device), diagonal=1)

    # Minus infinity becomes a weight of exactly 0 in the softmax.
    scores = scores.masked_fill(mask, float("-inf"))

    # Turn the scores into weights: each row adds up to 1.
    weights = torch.softmax(scores, dim=-1)

    # Mix the values.  # (B, H, T, T) @ (B, H, T, D) -> (B, H, T, D)
    output = weights @ v

    return output, weights


class SelfAttention(nn.Module):
    """Multi-head causal self-attention."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_embd = n_embd
        self.n_head = n_head
        self.head_dim = n_embd // n_head

        # One layer makes the queries, the keys and the values together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # This layer mixes the results of the heads.
        self.output = nn.Linear(n_embd, n_embd)

    def split_heads(self, x):
        """Cut the C numbers of each token into H heads of D numbers."""
        B, T, C = x.shape
        # (B, T, C) -> (B, T, H, D) -> (B, H, T, D)
        return x.view(B, T, self.n_head, self.head_dim).transpose(1, 2)

    def join_heads(self, x):
        """Undo split_heads."""
        B, H, T, D = x.shape
        # (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        return x.transpose(1, 2).contiguous().view(B, T, H * D)

    def forward(self, x):
        # (B, T, C) -> (B, T, 3C) -> three times (B, T, C)
        q, k, v = self.qkv(x).chunk(3, dim=-1)

        # Each becomes (B, H, T, D).
        q = self.split_heads(q.contiguous())
        k = self.split_heads(k.contiguous())
        v = self.split_heads(v.contiguous())

        # Let the tokens look back.
        attended, _ = causal_attention(q, k, v)

        # (B, H, T, D) -> (B, T, C)
        return self.output(self.join_heads(attended))


class Block(nn.Module):
    """One transformer layer: attention, then a small network, each with a skip connection."""

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
        # Communication between tokens.
        x = x + self.attention(self.norm_1(x))
        # Computation on each token.
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    """The whole model: ids in, logits out."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head}).")

        # Remember the settings.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.block_size = block_size

        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.shape

        # There is no position embedding for tokens beyond block_size.
        if T > self.block_size:
            raise ValueError(f"Sequence length {T} exceeds block_size {self.block_size}.")

        # What each token is.  # (B, T) -> (B, T, C)
        tokens = self.token_embedding(ids)

        # Where each token stands.  # (T,) -> (T, C)
        positions = self.position_embedding(torch.arange(T, device=ids.device))

        # (B, T, C) + (T, C) -> (B, T, C)
        x = tokens + positions

        # Through all layers, one after the other.
        for block in self.blocks:
            x = block(x)

        # Final normalisation.
        x = self.norm(x)

        # Raw scores for every possible next token.  # (B, T, C) -> (B, T, vocab_size)
        logits = self.head(x)
        return logits
