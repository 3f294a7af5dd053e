"""A language model's answer: type hints, docstrings with Args and Returns, explicit validation."""

from __future__ import annotations

import math
from typing import Dict, NamedTuple, Tuple

import torch
import torch.nn as nn


def causal_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor
) -> Tuple[torch.Tensor, torch.Tensor]:
    """Compute scaled dot-product attention with a causal mask.

    Args:
        query: Tensor of shape (B, H, T, D).
        key: Tensor of shape (B, H, T, D).
        value: Tensor of shape (B, H, T, D).

    Returns:
        The attended values (B, H, T, D) and the attention weights (B, H, T, T).
    """
    seq_len, head_dim = query.shape[-2], query.shape[-1]
    scale = 1.0 / math.sqrt(head_dim)
    scores = torch.matmul(query, key.transpose(-1, -2))
    scores = scores * scale
    causal_mask = torch.ones(seq_len, seq_len, dtype=torch.bool, device=query.device)
    causal_mask = torch.triu(causal_mask, diagonal=1)
    scores = scores.masked_fill(causal_mask, torch.finfo(scores.dtype).min)
    attention_weights = torch.softmax(scores, dim=-1)
    output = torch.matmul(attention_weights, value)
    return output, attention_weights


class HyperParameters(NamedTuple):
    vocab_size: int
    n_embd: int
    n_head: int
    n_layer: int
    block_size: int


class MultiHeadSelfAttention(nn.Module):
    """Multi-head self-attention with a separate projection for queries, keys and values."""

    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")
        self.n_head = n_head
        self.head_dim = n_embd // n_head
        self.query_proj = nn.Linear(n_embd, n_embd)
        self.key_proj = nn.Linear(n_embd, n_embd)
        self.value_proj = nn.Linear(n_embd, n_embd)
        self.out_proj = nn.Linear(n_embd, n_embd)

    def _split_heads(self, tensor: torch.Tensor) -> torch.Tensor:
        """Reshape (B, T, C) into (B, H, T, D)."""
        batch, seq_len, _ = tensor.shape
        tensor = tensor.view(batch, seq_len, self.n_head, self.head_dim)
        return tensor.transpose(1, 2)

    def _merge_heads(self, tensor: torch.Tensor) -> torch.Tensor:
        """Reshape (B, H, T, D) back into (B, T, C)."""
        batch, _, seq_len, _ = tensor.shape
        tensor = tensor.transpose(1, 2).contiguous()
        return tensor.view(batch, seq_len, self.n_head * self.head_dim)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        query = self._split_heads(self.query_proj(hidden))
        key = self._split_heads(self.key_proj(hidden))
        value = self._split_heads(self.value_proj(hidden))
        context, _ = causal_attention(query, key, value)
        return self.out_proj(self._merge_heads(context))


class TransformerBlock(nn.Module):
    """Pre-norm transformer block: attention and MLP, each with a residual connection."""

    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(n_embd)
        self.attention = MultiHeadSelfAttention(n_embd, n_head)
        self.mlp_norm = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        hidden = hidden + self.attention(self.attention_norm(hidden))
        hidden = hidden + self.mlp(self.mlp_norm(hidden))
        return hidden


class MiniGPT(nn.Module):
    """A small decoder-only transformer language model."""

    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ) -> None:
        super().__init__()
        hyper = HyperParameters(vocab_size, n_embd, n_head, n_layer, block_size)
        self.config: Dict[str, int] = hyper._asdict()
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([TransformerBlock(n_embd, n_head) for _ in range(n_layer)])
        self.final_norm = nn.LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Map token ids (B, T) to logits (B, T, vocab_size)."""
        batch_size, seq_len = ids.shape
        if seq_len > self.config["block_size"]:
            raise ValueError(f"{seq_len} tokens do not fit into {self.config['block_size']}")
        position_ids = torch.arange(seq_len, device=ids.device).unsqueeze(0)
        hidden = self.token_embedding(ids) + self.position_embedding(position_ids)
        for block in self.blocks:
            hidden = block(hidden)
        hidden = self.final_norm(hidden)
        return self.lm_head(hidden)
