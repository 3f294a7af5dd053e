# transformer.py. Notation: b batch, h head, i/j positions (query/key), d head coordinate, c,e model coordinates.
#
#   A_ij = exp(S_ij - log sum_{j<=i} exp S_ij),   S = q k^t / sqrt(D) + M,   M_ij = -oo for j > i, 0 otherwise
#   F    = head . norm . (block_n o ... o block_1) . (E[ids] + P[0..T-1])
from functools import reduce
from math import inf

from torch import einsum, nn


def causal_attention(q, k, v):
    T, D = q.shape[-2:]
    # M: strictly upper triangle is -oo, the rest is 0
    M = q.new_full((T, T), -inf).triu(1)
    # S_ij = <q_i, k_j>, every query against every key: (B, H, T, D), (B, H, T, D) -> (B, H, T, T)
    S = einsum("bhid,bhjd->bhij", q, k)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # unit variance, then no future
    S = S / D**0.5 + M
    # softmax in j: rows sum to 1, exp(-oo) = 0
    A = (S - S.logsumexp(-1, keepdim=True)).exp()
    # convex combinations of the v_j: (B, H, T, T), (B, H, T, D) -> (B, H, T, D)
    return einsum("bhij,bhjd->bhid", A, v), A


class SelfAttention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H, self.D = H, C // H
        self.qkv = nn.Linear(C, 3 * C)
        self.output = nn.Linear(C, C)

    def forward(self, x):
        (B, T, C), H, D = x.shape, self.H, self.D
        # (B, T, 3C) -> (3, B, H, T, D)
        q, k, v = self.qkv(x).view(B, T, 3, H, D).permute(2, 0, 3, 1, 4)
        y, _ = causal_attention(q, k, v)
        # R^H (x) R^D = R^C, so joining the heads and applying output is one contraction over (h, d)
        W = self.output.weight.view(C, H, D)
        z = einsum("bhid,chd->bic", y, W)  # (B, H, T, D) -> (B, T, C)
        return z + self.output.bias


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = SelfAttention(C, H)
        self.mlp = nn.Sequential(nn.Linear(C, 4 * C), nn.GELU(), nn.Linear(4 * C, C))

    def forward(self, x):
        # x -> (1 + g)(1 + f) x
        for n, f in (self.norm_1, self.attention), (self.norm_2, self.mlp):
            x = x + f(n(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        V, C, H, L, N = vocab_size, n_embd, n_head, n_layer, block_size
        if C % H:
            raise ValueError(f"H = {H} does not divide C = {C}")
        self.config = dict(vocab_size=V, n_embd=C, n_head=H, n_layer=L, block_size=N)
        self.token_embedding = nn.Embedding(V, C)
        self.position_embedding = nn.Embedding(N, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm = nn.LayerNorm(C)
        self.head = nn.Linear(C, V)

    def forward(self, ids):
        T, P = ids.shape[1], self.position_embedding.weight
        if T > len(P):
            raise ValueError(f"T = {T} exceeds block_size = {len(P)}")
        # (B, T) -> (B, T, C); the first T rows of P, the same for each sequence
        x = self.token_embedding(ids) + P[:T]
        # composition of the blocks, the first one innermost
        x = reduce(lambda y, f: f(y), self.blocks, x)
        # (B, T, C) -> (B, T, V)
        return self.head(self.norm(x))
