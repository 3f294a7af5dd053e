# transformer.py -- attention the way a GPU kernel does it: tile by tile, with an online softmax
# (Milakov & Gimelshein 2018; Dao et al. 2022), written in plain PyTorch so that it can be read.
import math
from typing import Final

import torch
import torch.nn as nn

TILE: Final = 16          # rows / columns per tile
NEG_INF: Final = float("-inf")


def causal_attention(q, k, v):
    B, H, T, D = q.shape
    # fold 1/sqrt(D) into q once instead of scaling every score
    scale = 1.0 / math.sqrt(D)
    q = q * scale                                                   # (B, H, T, D)
    index = torch.arange(T, device=q.device)                        # (T,)
    output = v.new_zeros(B, H, T, D)
    weights = q.new_zeros(B, H, T, T)

    # outer loop: one tile of queries
    for i0 in range(0, T, TILE):
        i1 = min(i0 + TILE, T)
        rows = i1 - i0
        q_tile = q[:, :, i0:i1]                                     # (B, H, rows, D)
        # running statistics of each row: maximum, sum of exponentials, weighted sum of values
        m = q.new_full((B, H, rows, 1), NEG_INF)
        l = q.new_zeros(B, H, rows, 1)
        acc = v.new_zeros(B, H, rows, D)
        seen = []

        # inner loop: tiles of keys, up to and including the diagonal tile
        for j0 in range(0, i1, TILE):
            j1 = min(j0 + TILE, T)
            s = q_tile @ k[:, :, j0:j1].transpose(-2, -1)           # (B, H, rows, cols)
            # a key later than the query does not exist for it
            future = index[None, j0:j1] > index[i0:i1, None]        # (rows, cols)
            s = s.masked_fill(future, NEG_INF)
            seen.append(s)

            m_new = torch.maximum(m, s.detach().amax(dim=-1, keepdim=True))
            p = torch.exp(s - m_new)
            fix = torch.exp(m - m_new)        # old numbers were relative to the old maximum
            l = l * fix + p.sum(dim=-1, keepdim=True)
            acc = acc * fix + p @ v[:, :, j0:j1]                    # (B, H, rows, D)
            m = m_new

        # epilogue: normalise, write back. Weights need the final m and l, so they come last.
        output[:, :, i0:i1] = acc / l
        weights[:, :, i0:i1, :i1] = torch.exp(torch.cat(seen, dim=-1) - m) / l   # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_embd, self.n_head, self.head_dim = n_embd, n_head, n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def _load(self, fused, slot):
        """Slot 0, 1, 2 of the fused projection as contiguous heads: (B, T, 3C) -> (B, H, T, D)."""
        part = fused[..., slot * self.n_embd : (slot + 1) * self.n_embd]
        return part.unflatten(-1, (self.n_head, self.head_dim)).transpose(1, 2).contiguous()

    def _store(self, heads):
        """(B, H, T, D) -> (B, T, C)"""
        return heads.transpose(1, 2).contiguous().flatten(-2)

    def forward(self, x):
        fused = self.qkv(x)
        q, k, v = self._load(fused, 0), self._load(fused, 1), self._load(fused, 2)
        y, _ = causal_attention(q, k, v)
        return self.output(self._store(y))


class MLP(nn.Module):
    def __init__(self, n_embd):
        super().__init__()
        self.up = nn.Linear(n_embd, 4 * n_embd)
        self.down = nn.Linear(4 * n_embd, n_embd)

    def forward(self, x):
        x = self.up(x)                                              # (B, T, 4C)
        x = 0.5 * x * (1.0 + torch.erf(x / math.sqrt(2.0)))         # exact GELU
        return self.down(x)                                         # (B, T, C)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = MLP(n_embd)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.mlp(self.norm_2(x))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_head < 1 or n_embd % n_head != 0:
            raise ValueError("head_dim is not an integer: n_embd=%d, n_head=%d" % (n_embd, n_head))
        self.config = {
            "vocab_size": vocab_size, "n_embd": n_embd, "n_head": n_head,
            "n_layer": n_layer, "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        T = ids.size(1)
        if T > self.position_embedding.num_embeddings:
            raise ValueError("sequence of %d tokens does not fit into the position table" % T)
        pos = torch.arange(T, device=ids.device)                    # (T,)
        x = self.token_embedding(ids) + self.position_embedding(pos)  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x)                                         # (B, T, vocab_size)
