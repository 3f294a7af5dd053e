"""GPT as a small many-body problem.

Indices: b sequence, h head, i/j token (query/key), d component inside one head, n = 0, 1, 2 for q, k, v.
"""

import torch
from torch import einsum, nn


def causal_attention(q, k, v):
    T, D = q.shape[-2:]
    # Pair energy: E_ij = - <q_i, k_j> / sqrt(D). Aligned vectors lie deep.
    E = -einsum("bhid,bhjd->bhij", q, k) / D**0.5  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # Causality: an infinite wall at t_j > t_i.
    t = torch.arange(T, device=q.device)
    E = E.masked_fill(t[None, :] > t[:, None], torch.inf)
    # Boltzmann: w_ij = exp(-E_ij) / Z_i with Z_i = sum_j exp(-E_ij). The ground state is moved to 0.
    w = torch.exp(E.amin(-1, keepdim=True) - E)
    w = w / w.sum(-1, keepdim=True)
    # Expectation value: <v>_i = sum_j w_ij v_j
    return einsum("bhij,bhjd->bhid", w, v), w


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.H = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        H = self.H
        z = self.qkv(x).reshape(B, T, 3, H, C // H)  # (B, T, 3C) -> (B, T, 3, H, D)
        q, k, v = einsum("binhd->nbhid", z)  # 3 times (B, H, T, D)
        y, _ = causal_attention(q, k, v)
        y = einsum("bhid->bihd", y).reshape(B, T, C)  # (B, H, T, D) -> (B, T, C)
        return self.output(y)


class Block(nn.Module):
    """x -> (1 + M N2)(1 + A N1) x"""

    def __init__(self, n_embd, n_head):
        super().__init__()
        C = n_embd
        self.norm_1 = nn.LayerNorm(C)
        self.attention = SelfAttention(C, n_head)
        self.norm_2 = nn.LayerNorm(C)
        self.mlp = nn.Sequential(nn.Linear(C, 4 * C), nn.GELU(), nn.Linear(4 * C, C))

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        # D = C / H must be an integer.
        if n_embd % n_head:
            raise ValueError(f"C / H = {n_embd} / {n_head} is not an integer")
        self.config = dict(
            vocab_size=vocab_size, n_embd=n_embd, n_head=n_head, n_layer=n_layer, block_size=block_size
        )
        V, C, H, L, N = vocab_size, n_embd, n_head, n_layer, block_size
        self.token_embedding = nn.Embedding(V, C)
        self.position_embedding = nn.Embedding(N, C)
        self.blocks = nn.ModuleList([Block(C, H) for _ in range(L)])
        self.norm = nn.LayerNorm(C)
        self.head = nn.Linear(C, V)

    def forward(self, ids):
        T = ids.shape[1]
        if T > self.config["block_size"]:
            raise ValueError(f"T = {T} > block_size = {self.config['block_size']}")
        # Lattice sites t
        t = torch.arange(0, T, device=ids.device)
        x = self.token_embedding(ids) + self.position_embedding(t)  # (B, T) -> (B, T, C)
        for f in self.blocks:
            x = f(x)
        return self.head(self.norm(x))  # (B, T, C) -> (B, T, V)
