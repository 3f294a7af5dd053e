"""transformer.py: a decoder-only transformer.

Memory layout in all comments: row-major, last index fastest.
B = batch, T = time, C = channels (n_embd), H = heads, D = C / H.
"""

import math
from typing import Final

import torch
from torch import Tensor, nn

NEG_INF: Final[float] = -math.inf


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """q, k, v: const Tensor&, (B, H, T, D). Returns {output, weights}."""
    T: int = q.size(2)
    D: int = q.size(3)
    root: float = math.sqrt(D)
    # scores[b][h][i][j] = dot(q[b][h][i], k[b][h][j]) / sqrt(D)
    scaled = q / root
    scores = torch.matmul(scaled, k.transpose(2, 3))  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # for i, for j > i: scores[i][j] = -inf
    row = torch.arange(T, device=q.device).unsqueeze(1)  # (T, 1)
    col = torch.arange(T, device=q.device).unsqueeze(0)  # (1, T)
    scores.masked_fill_(col > row, NEG_INF)
    # Normalise each row over the keys j.
    weights = torch.softmax(scores, dim=3)  # (B, H, T, T)
    output = torch.matmul(weights, v)  # (B, H, T, T) x (B, H, T, D) -> (B, H, T, D)
    return output, weights


class SelfAttention(nn.Module):
    """Multi-head self-attention, one fused projection."""

    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        self.n_head: Final[int] = n_head
        self.head_dim: Final[int] = n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def _split(self, m: Tensor) -> Tensor:
        """(B, T, C) -> (B, H, T, D)"""
        B, T, _ = m.shape
        return m.reshape(B, T, self.n_head, self.head_dim).transpose(1, 2)

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        fused = self.qkv(x)  # (B, T, C) -> (B, T, 3C)
        # Offsets into the last dimension: [0, C) is q, [C, 2C) is k, [2C, 3C) is v.
        q = self._split(fused[:, :, 0 * C : 1 * C])
        k = self._split(fused[:, :, 1 * C : 2 * C])
        v = self._split(fused[:, :, 2 * C : 3 * C])
        y, _ = causal_attention(q, k, v)
        # (B, H, T, D) -> (B, T, H, D) -> (B, T, C), copied into contiguous memory.
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.output(y)


class Block(nn.Module):
    """Pre-norm residual block."""

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
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    """ids (B, T) -> logits (B, T, vocab_size)"""

    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ) -> None:
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd % n_head must be 0, got {n_embd} % {n_head}")
        self.config: dict[str, int] = dict(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        # std::vector<Block> blocks(n_layer);
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        T: int = ids.size(1)
        if T > self.config["block_size"]:
            raise ValueError(f"T = {T} exceeds block_size = {self.config['block_size']}")
        pos = torch.arange(0, T, dtype=torch.int64, device=ids.device)
        x = self.token_embedding(ids) + self.position_embedding(pos)  # (B, T) -> (B, T, C)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))  # (B, T, C) -> (B, T, V)
