"""MiniGPT: pre-LN decoder-only transformer, GPT-2 layout, learned absolute positions."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Eager causal attention, (B, H, T, D) x 3 -> (B, H, T, D), (B, H, T, T)."""
    *_, seqlen, head_dim = q.shape
    logits = torch.einsum("bhqd,bhkd->bhqk", q, k) * head_dim**-0.5
    # finfo.min instead of -inf: no NaN rows, ever
    pos = torch.arange(seqlen, device=q.device)
    visible = pos[:, None] >= pos[None, :]  # (T, T), row = query, col = key
    logits = torch.where(visible, logits, torch.finfo(logits.dtype).min)
    attn = F.softmax(logits, dim=-1)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    out = torch.einsum("bhqk,bhkd->bhqd", attn, v)
    return out, attn


class SelfAttention(nn.Module):
    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x: Tensor) -> Tensor:
        # (B, T, 3C) -> (B, T, 3, H, D) -> (3, B, H, T, D)
        qkv = self.qkv(x).unflatten(-1, (3, self.n_head, -1)).permute(2, 0, 3, 1, 4)
        out, _ = causal_attention(*qkv.unbind(0))
        # (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        return self.output(out.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x: Tensor) -> Tensor:
        h = x + self.attention(self.norm_1(x))
        return h + self.mlp(self.norm_2(h))


class MiniGPT(nn.Module):
    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ) -> None:
        super().__init__()
        if n_embd % n_head:
            raise ValueError(f"{n_embd=} not divisible by {n_head=}")
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    @property
    def num_params(self) -> int:
        return sum(p.numel() for p in self.parameters())

    def forward(self, ids: Tensor) -> Tensor:
        _, seqlen = ids.shape
        if seqlen > self.position_embedding.num_embeddings:
            raise ValueError(f"{seqlen=} > block_size={self.config['block_size']}")
        x = self.token_embedding(ids) + self.position_embedding.weight[:seqlen]  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))  # (B, T, C) -> (B, T, V)
