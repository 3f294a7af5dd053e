"""MiniGPT, written by someone who usually writes TypeScript."""

from __future__ import annotations

import math
from functools import reduce

import torch
import torch.nn as nn
from torch import Tensor

# const maskCache: Record<string, Tensor> = {}
_maskCache: dict[str, Tensor] = {}


def _getFutureMask(seqLen: int, device: torch.device) -> Tensor:
    """True where a token would look into the future. Memoized, so each mask is built only once."""
    key = f"future-{seqLen}-{device}"
    if key not in _maskCache:
        positions = torch.arange(seqLen, device=device)
        _maskCache[key] = positions[None, :] > positions[:, None]  # (T, T): key > query
    return _maskCache[key]


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    seqLen, headDim = q.shape[-2:]
    # scale the queries first, that is cheaper than scaling the scores
    scaledQ = q.mul(1 / math.sqrt(headDim))
    # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    scores = torch.matmul(scaledQ, k.transpose(-2, -1))  # (B, H, T, D) -> (B, H, T, T)
    # hide everything after the current token
    mask = _getFutureMask(seqLen, q.device)
    visibleScores = torch.where(mask, -math.inf, scores)
    # softmax per row
    weights = visibleScores.softmax(dim=-1)
    output = torch.matmul(weights, v)  # (B, H, T, T) -> (B, H, T, D)
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd: int, n_head: int):
        super().__init__()
        self.nHead = n_head
        self.headDim = n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x: Tensor) -> Tensor:
        batch, seqLen, width = x.shape
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3C)
        # like qkv.slice(start, end)
        q = self._splitHeads(qkv[..., 0:width])
        k = self._splitHeads(qkv[..., width : 2 * width])
        v = self._splitHeads(qkv[..., 2 * width :])
        attended, _weights = causal_attention(q, k, v)
        joined = attended.permute(0, 2, 1, 3).reshape(batch, seqLen, width)  # -> (B, T, C)
        return self.output(joined)

    def _splitHeads(self, part: Tensor) -> Tensor:
        batch, seqLen, _ = part.shape
        # (B, T, C) -> (B, T, H, D) -> (B, H, T, D)
        return part.reshape(batch, seqLen, self.nHead, self.headDim).permute(0, 2, 1, 3)


class Block(nn.Module):
    def __init__(self, n_embd: int, n_head: int):
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
        afterAttention = x + self.attention(self.norm_1(x))
        return afterAttention + self.mlp(self.norm_2(afterAttention))


class MiniGPT(nn.Module):
    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be a multiple of n_head ({n_head})")

        # { vocab_size, n_embd, ... }
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.maxLen = block_size

        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        # Array.from({ length: n_layer }, () => new Block(...))
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        seqLen = ids.size(1)
        if seqLen > self.maxLen:
            raise ValueError(f"Got {seqLen} tokens, but block_size is {self.maxLen}")

        positions = torch.arange(seqLen, device=ids.device)
        embedded = self.token_embedding(ids) + self.position_embedding(positions)  # (B, T, C)
        # blocks.reduce((x, block) => block(x), embedded)
        hidden = reduce(lambda x, block: block(x), self.blocks, embedded)
        return self.head(self.norm(hidden))  # (B, T, C) -> (B, T, V)
