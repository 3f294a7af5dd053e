r"""Decoder-only transformer, in the notation of Vaswani et al. (2017).

    Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k)) V                       (1)
    MultiHead(Q, K, V) = Concat(head_1, ..., head_h) W^O                    (2)
    FFN(x)             = GELU(x W_1 + b_1) W_2 + b_2                        (3)
    GELU(x)            = x Phi(x) = x / 2 (1 + erf(x / sqrt(2)))            (4)

Index letters: b sequence, h head, i query position, j key position, d dimension in a head.
"""
from math import sqrt

import torch
from torch import Tensor, nn


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Equation (1), where position i attends to the positions j <= i."""
    d_k = q.shape[-1]
    # s_ij = <q_i, k_j> / sqrt(d_k)
    q_scaled = q / sqrt(d_k)
    s = torch.einsum("bhid,bhjd->bhij", q_scaled, k)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # s_ij = -infinity where j > i
    n = torch.arange(q.shape[-2], device=q.device)
    illegal = n[None, :] > n[:, None]                       # (T, T)
    s = torch.masked_fill(s, illegal, -torch.inf)
    # a_ij = exp(s_ij) / sum_j exp(s_ij); the row maximum cancels and avoids an overflow
    e = torch.exp(s - s.detach().amax(dim=-1, keepdim=True))
    a = e / e.sum(dim=-1, keepdim=True)
    # o_i = sum_j a_ij v_j
    o = torch.einsum("bhij,bhjd->bhid", a, v)
    return o, a


class GELU(nn.Module):
    """Equation (4), Hendrycks and Gimpel (2016)."""

    def forward(self, x: Tensor) -> Tensor:
        phi = 0.5 * (1.0 + torch.erf(x / sqrt(2.0)))
        return x * phi


class SelfAttention(nn.Module):
    """Equation (2)."""

    def __init__(self, d_model: int, h: int):
        super().__init__()
        self.h = h
        self.d_model = d_model
        self.qkv = nn.Linear(d_model, 3 * d_model)          # W^Q, W^K and W^V, stacked
        self.output = nn.Linear(d_model, d_model)           # W^O

    def forward(self, x: Tensor) -> Tensor:
        b, t, c = x.shape
        # (B, T, 3 C) -> (B, T, 3, H, D), where the third index chooses between Q, K and V
        z = self.qkv(x).reshape(b, t, 3, self.h, c // self.h)
        # (B, T, 3, H, D) -> (3, B, H, T, D)
        z = torch.movedim(z, (2, 3), (0, 2))
        heads, _ = causal_attention(z[0], z[1], z[2])
        # Concat: (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        concat = torch.movedim(heads, 1, 2).reshape(b, t, c)
        return self.output(concat)


class Block(nn.Module):
    """Pre-layer-normalised residual block, Radford et al. (2019)."""

    def __init__(self, d_model: int, h: int):
        super().__init__()
        d_ff = 4 * d_model
        self.norm_1 = nn.LayerNorm(d_model)
        self.attention = SelfAttention(d_model, h)
        self.norm_2 = nn.LayerNorm(d_model)
        self.mlp = nn.Sequential(nn.Linear(d_model, d_ff), GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    """Language model: x_0 = E[ids] + P, x_l = Block_l(x_{l-1}), logits = LN(x_L) W + b."""

    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ):
        super().__init__()
        d_k, remainder = divmod(n_embd, n_head)
        if remainder:
            raise ValueError(f"d_model / h = {n_embd} / {n_head} must be an integer")
        self.config: dict = {
            "vocab_size": vocab_size, "n_embd": n_embd, "n_head": n_head,
            "n_layer": n_layer, "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)         # E
        self.position_embedding = nn.Embedding(block_size, n_embd)      # P
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        t = ids.shape[1]
        t_max, d_model = self.position_embedding.weight.shape
        if t > t_max:
            raise ValueError(f"sequence of length {t}, but at most {t_max} positions are known")
        # x_0: (B, T) -> (B, T, C)
        e = self.token_embedding(ids)
        p = self.position_embedding.weight[:t]
        x = e + p.unsqueeze(0)
        for block_l in self.blocks:
            x = block_l(x)
        # (B, T, C) -> (B, T, V)
        return self.head(self.norm(x))
