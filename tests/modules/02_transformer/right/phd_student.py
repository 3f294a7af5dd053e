r"""Decoder-only transformer (Radford et al. 2019), pre-LN.

Notation: B batch, T length, d model width (n_embd), h heads, d_k = d / h, V vocabulary.

    A = softmax(Q K^T / sqrt(d_k) + M),   M_ij = 0 if j <= i else -inf       (1)
    x <- x + MHA(LN_1(x)),   x <- x + FFN(LN_2(x))                           (2)
    z = W_o LN(x_L) + b                                                      (3)
"""

import math

import torch
from torch import Tensor, einsum, nn


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Eq. (1). i indexes queries, j keys."""
    T, d_k = q.shape[-2:]
    S = einsum("bhid,bhjd->bhij", q, k) / math.sqrt(d_k)  # (B, h, T, d_k) -> (B, h, T, T)
    i = torch.arange(T, device=q.device)
    M = torch.where(i[None, :] <= i[:, None], 0.0, -torch.inf).to(S.dtype)  # (T, T)
    A = (S + M).softmax(dim=-1)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    Y = einsum("bhij,bhjd->bhid", A, v)  # (B, h, T, T) -> (B, h, T, d_k)
    return Y, A


class SelfAttention(nn.Module):
    """MHA(x) = W_O [head_1; ...; head_h]."""

    def __init__(self, n_embd: int, n_head: int):
        super().__init__()
        self.h, self.d_k = n_head, n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x: Tensor) -> Tensor:
        B, T, d = x.shape
        # (B, T, 3d) -> (3, B, h, T, d_k)
        Q, K, V = self.qkv(x).view(B, T, 3, self.h, self.d_k).permute(2, 0, 3, 1, 4)
        Y, _ = causal_attention(Q, K, V)
        return self.output(Y.permute(0, 2, 1, 3).reshape(B, T, d))  # (B, h, T, d_k) -> (B, T, d)


class Block(nn.Module):
    """Eq. (2)."""

    def __init__(self, n_embd: int, n_head: int):
        super().__init__()
        d, d_ff = n_embd, 4 * n_embd
        self.norm_1 = nn.LayerNorm(d)
        self.attention = SelfAttention(d, n_head)
        self.norm_2 = nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, d_ff), nn.GELU(), nn.Linear(d_ff, d))

    def forward(self, x: Tensor) -> Tensor:
        a = self.attention(self.norm_1(x))
        x = x + a
        m = self.mlp(self.norm_2(x))
        return x + m


class MiniGPT(nn.Module):
    """p_theta(x_{t+1} | x_{<=t}) for all t at once."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head:
            raise ValueError(f"d_k = d / h is no integer: d = {n_embd}, h = {n_head}")
        self.config = dict(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        T = ids.size(1)
        if T > self.config["block_size"]:
            raise ValueError(f"T = {T} > block_size = {self.config['block_size']}")
        t = torch.arange(T, device=ids.device)
        x = self.token_embedding(ids) + self.position_embedding(t)  # (B, T) -> (B, T, d)
        for f in self.blocks:
            x = f(x)
        z = self.head(self.norm(x))  # (B, T, d) -> (B, T, V), eq. (3)
        return z
