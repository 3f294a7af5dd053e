"""
Full definition of a GPT language model, all of it in this single file.
Reference: the GPT-2 release by OpenAI, stripped down.
"""

import math

import torch
import torch.nn as nn
from torch.nn import functional as F


def causal_attention(q, k, v):
    B, H, T, D = q.size()
    # causal mask: ones on and below the diagonal
    bias = torch.tril(torch.ones(T, T, device=q.device)).view(1, 1, T, T)
    # self-attend: (B, nh, T, hs) x (B, nh, hs, T) -> (B, nh, T, T)
    att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(D))  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    att = att.masked_fill(bias == 0, float("-inf"))
    att = F.softmax(att, dim=-1)
    y = att @ v  # (B, nh, T, T) x (B, nh, T, hs) -> (B, nh, T, hs)
    return y, att


class SelfAttention(nn.Module):

    def __init__(self, n_embd, n_head):
        super().__init__()
        # key, query, value projections for all heads, but in a batch
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # output projection
        self.output = nn.Linear(n_embd, n_embd)
        self.n_head = n_head
        self.n_embd = n_embd

    def forward(self, x):
        B, T, C = x.size()  # batch size, sequence length, embedding dimensionality (n_embd)
        # calculate query, key, values for all heads in batch and move head forward to be the batch dim
        q, k, v = self.qkv(x).split(self.n_embd, dim=2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)  # (B, nh, T, hs)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)  # (B, nh, T, hs)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)  # (B, nh, T, hs)
        y, _ = causal_attention(q, k, v)
        y = y.transpose(1, 2).contiguous().view(B, T, C)  # re-assemble all head outputs side by side
        return self.output(y)


class Block(nn.Module):
    """ Transformer block: communication followed by computation """

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    """ the full GPT language model, with a context size of block_size """

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError("n_embd must be a multiple of n_head")
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)  # final layer norm
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        b, t = ids.size()
        block_size = self.config["block_size"]
        if t > block_size:
            raise ValueError(f"Cannot forward sequence of length {t}, block size is only {block_size}")
        pos = torch.arange(0, t, dtype=torch.long, device=ids.device)  # shape (t)

        # forward the GPT model itself
        tok_emb = self.token_embedding(ids)  # token embeddings of shape (b, t, n_embd)
        pos_emb = self.position_embedding(pos)  # position embeddings of shape (t, n_embd)
        x = tok_emb + pos_emb
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        logits = self.head(x)  # (b, t, n_embd) -> (b, t, vocab_size)
        return logits
