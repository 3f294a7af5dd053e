r"""A decoder-only Transformer in the notation of Vaswani et al. (2017) and Radford et al. (2019).

    Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k) + M) V,      M_ij = 0 if j <= i, else -infinity

Index letters of the einsums:
    b ... sequence of the batch      h ... head
    i ... position of a query        j ... position of a key
    d ... coordinate inside a head
"""

import torch
import torch.nn as nn


def additive_mask(n: int, like: torch.Tensor) -> torch.Tensor:
    """M of the equation above, an (n, n) matrix of zeros and minus infinities."""
    position = torch.arange(n, device=like.device)
    i = position[:, None]
    j = position[None, :]
    M = torch.zeros(n, n, dtype=like.dtype, device=like.device)
    return M.masked_fill(~(j <= i), float("-inf"))


def softmax_rows(E: torch.Tensor) -> torch.Tensor:
    """exp(e_ij) / sum_j exp(e_ij); the maximum of the row cancels out and avoids overflow."""
    numerator = torch.exp(E - E.amax(dim=-1, keepdim=True))
    Z = numerator.sum(dim=-1, keepdim=True)
    return numerator / Z


def causal_attention(q, k, v):
    """Eq. (1) with the mask of Section 3.2.3. All of q, k, v are (B, H, T, D)."""
    T, d_k = q.shape[-2], q.shape[-1]
    # E = Q K^T / sqrt(d_k) + M                                 (B, H, T, T)
    E = torch.einsum("bhid,bhjd->bhij", q, k) / d_k ** 0.5
    E = E + additive_mask(T, like=E)
    # A = softmax(E), row by row                                (B, H, T, T)
    A = softmax_rows(E)
    # O = A V                                                   (B, H, T, D)
    O = torch.einsum("bhij,bhjd->bhid", A, v)
    return O, A


class SelfAttention(nn.Module):
    """MultiHead(X) = Concat(head_1, ..., head_h) W^O, all projections of the input in one matrix."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.h = n_head
        self.d_k = n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, X):
        B, T, d_model = X.shape
        # X W + b = [Q | K | V], each of these made of h heads: (B, T, 3, H, D)
        QKV = self.qkv(X).reshape(B, T, 3, self.h, self.d_k)
        Q, K, V = QKV.permute(2, 0, 3, 1, 4)         # three times (B, H, T, D)
        heads, _ = causal_attention(Q, K, V)         # (B, H, T, D)
        concat = heads.permute(0, 2, 1, 3).reshape(B, T, d_model)
        return self.output(concat)


class Block(nn.Module):
    """Pre-LN layer:  Y = X + SA(LN(X)),  Z = Y + FFN(LN(Y))."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        d_ff = 4 * n_embd
        self.mlp = nn.Sequential(nn.Linear(n_embd, d_ff), nn.GELU(), nn.Linear(d_ff, n_embd))

    def forward(self, X):
        Y = X + self.attention(self.norm_1(X))
        Z = Y + self.mlp(self.norm_2(Y))
        return Z


class MiniGPT(nn.Module):
    """p(u_t+1 | u_1 ... u_t), up to the softmax:  h_0 = W_e[u] + W_p,  h_l = Block(h_l-1)."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head:
            raise ValueError(f"d_model = {n_embd} is not a multiple of h = {n_head}")
        self.config = dict(vocab_size=vocab_size, n_embd=n_embd, n_head=n_head,
                           n_layer=n_layer, block_size=block_size)
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        T = ids.shape[1]
        n_ctx = self.config["block_size"]
        if T > n_ctx:
            raise ValueError(f"the context is {n_ctx} tokens, the input has {T}")
        W_p = self.position_embedding.weight[:T]               # (T, C)
        h = self.token_embedding(ids) + W_p                    # (B, T, C)
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))                         # (B, T, V)
