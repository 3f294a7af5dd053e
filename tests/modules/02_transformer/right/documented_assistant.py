"""
transformer.py - A small, readable GPT-style transformer
========================================================

This module contains everything you need for loop 2 of 4:

* ``ModelSettings``    - a frozen dataclass that keeps all hyperparameters together
* ``HeadLayout``       - a tiny dataclass that knows how to split and merge heads
* ``causal_attention`` - the heart of the model
* ``SelfAttention``, ``Block`` and ``MiniGPT`` - the layers built around it

Shapes: B = batch, T = tokens, C = n_embd, H = n_head, D = C / H.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn


@dataclass(frozen=True)
class ModelSettings:
    """All hyperparameters in one place.

    Being frozen, they cannot be changed by accident after the model was built.
    """

    vocab_size: int
    n_embd: int
    n_head: int
    n_layer: int
    block_size: int

    def validate(self) -> None:
        """Raise a ValueError if the heads cannot share the channels equally."""
        if self.n_embd % self.n_head != 0:
            raise ValueError(
                f"n_embd ({self.n_embd}) must be divisible by n_head ({self.n_head})."
            )


@dataclass(frozen=True)
class HeadLayout:
    """Describes how C channels are shared among H heads."""

    num_heads: int
    head_dim: int

    def split(self, tensor: torch.Tensor) -> torch.Tensor:
        """Give every head its own slice of the channels."""
        batch, tokens, _ = tensor.shape
        # (B, T, C) -> (B, T, H, D) -> (B, H, T, D)
        return tensor.reshape(batch, tokens, self.num_heads, self.head_dim).transpose(1, 2)

    def merge(self, tensor: torch.Tensor) -> torch.Tensor:
        """Undo ``split``: put the heads side by side again."""
        batch, heads, tokens, dim = tensor.shape
        # (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        return tensor.transpose(1, 2).reshape(batch, tokens, heads * dim)


def causal_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Scaled dot-product attention that never looks into the future.

    Args:
        q, k, v: Queries, keys and values, each of shape (B, H, T, D).

    Returns:
        A tuple ``(output, weights)`` of shapes (B, H, T, D) and (B, H, T, T).
    """
    # Step 1: Compare every query with every key.  (B, H, T, D) -> (B, H, T, T)
    scores = torch.matmul(q, k.transpose(-2, -1))  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # Step 2: Scale, so that the softmax does not saturate.
    scores = scores / math.sqrt(q.size(-1))
    # Step 3: A key lies in the future if its position is larger than the query's.  (T, T)
    positions = torch.arange(q.size(-2), device=q.device)
    is_future = positions.unsqueeze(0) > positions.unsqueeze(1)
    scores = scores.masked_fill(is_future, float("-inf"))
    # Step 4: Turn every row of scores into weights that sum to 1.
    weights = torch.softmax(scores, dim=-1)
    # Step 5: Mix the values.  (B, H, T, T) x (B, H, T, D) -> (B, H, T, D)
    output = torch.matmul(weights, v)
    return output, weights


class SelfAttention(nn.Module):
    """Multi-head causal self-attention: (B, T, C) -> (B, T, C)."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.layout = HeadLayout(settings.n_head, settings.n_embd // settings.n_head)
        self.qkv = nn.Linear(settings.n_embd, 3 * settings.n_embd)
        self.output = nn.Linear(settings.n_embd, settings.n_embd)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # One projection for all three, then cut it in three.  (B, T, 3C) -> 3 x (B, T, C)
        q, k, v = (self.layout.split(part) for part in self.qkv(x).chunk(3, dim=-1))
        attended, _ = causal_attention(q, k, v)
        return self.output(self.layout.merge(attended))


class Block(nn.Module):
    """One pre-norm transformer layer with two skip connections."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        width = settings.n_embd
        self.norm_1 = nn.LayerNorm(width)
        self.attention = SelfAttention(settings)
        self.norm_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # Communicate: look back at the earlier tokens.
        normalized = self.norm_1(x)
        x = x + self.attention(normalized)
        # Compute: every token on its own.
        normalized = self.norm_2(x)
        x = x + self.mlp(normalized)
        return x


class MiniGPT(nn.Module):
    """The complete model: (B, T) token ids -> (B, T, vocab_size) raw logits."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512) -> None:
        super().__init__()
        settings = ModelSettings(vocab_size, n_embd, n_head, n_layer, block_size)
        settings.validate()
        self.config: dict = asdict(settings)
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(settings) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        num_tokens = ids.size(1)
        if num_tokens > self.position_embedding.num_embeddings:
            raise ValueError(f"Got {num_tokens} tokens, more than block_size.")
        positions = torch.arange(0, num_tokens, device=ids.device)  # (T,)
        x = self.token_embedding(ids) + self.position_embedding(positions)  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))  # (B, T, C) -> (B, T, vocab_size)
