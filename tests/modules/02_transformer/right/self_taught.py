# my mini GPT. put together from a post about "attention is all you need" and one about GPT-2
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def causal_attention(q, k, v):
    # query: what am I looking for / key: what do I contain / value: what I tell if asked
    T = q.size(-2)
    d_k = q.size(-1)
    att = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(d_k)   # (B,H,T,D) x (B,H,D,T) -> (B,H,T,T)
    # lower triangle of ones = what you may look at
    mask = torch.tril(torch.ones(T, T, device=q.device))
    att = att.masked_fill(mask == 0, float("-inf"))
    att = F.softmax(att, dim=-1)
    out = torch.matmul(att, v)   # (B,H,T,T) x (B,H,T,D) -> (B,H,T,D)
    return out, att


class SelfAttention(nn.Module):

    def __init__(self, d_model, heads):
        super().__init__()
        self.d_model = d_model
        self.h = heads
        self.d_k = d_model // heads
        # all three at once (the GPT-2 post does it like this)
        self.qkv = nn.Linear(d_model, 3 * d_model)
        self.output = nn.Linear(d_model, d_model)

    def forward(self, x):
        bs, T, _ = x.size()
        q, k, v = self.qkv(x).split(self.d_model, dim=2)
        # perform split into h heads
        q = q.view(bs, T, self.h, self.d_k).transpose(1, 2)   # (B,H,T,D)
        k = k.view(bs, T, self.h, self.d_k).transpose(1, 2)
        v = v.view(bs, T, self.h, self.d_k).transpose(1, 2)
        out, _ = causal_attention(q, k, v)
        # concatenate heads. view complains without contiguous
        concat = out.transpose(1, 2).contiguous().view(bs, T, self.d_model)
        return self.output(concat)


class FeedForward(nn.Sequential):
    def __init__(self, d_model):
        super().__init__(
            nn.Linear(d_model, 4 * d_model),
            nn.GELU(),
            nn.Linear(4 * d_model, d_model),
        )


class Block(nn.Module):

    def __init__(self, d_model, heads):
        super().__init__()
        self.norm_1 = nn.LayerNorm(d_model)
        self.attention = SelfAttention(d_model, heads)
        self.norm_2 = nn.LayerNorm(d_model)
        self.mlp = FeedForward(d_model)

    def forward(self, x):
        # add & norm, only the norm comes first in GPT-2 ("pre-LN")
        residual = x
        x = self.norm_1(x)
        x = residual + self.attention(x)

        residual = x
        x = self.norm_2(x)
        x = residual + self.mlp(x)
        return x


class MiniGPT(nn.Module):

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError("n_embd has to be a multiple of n_head")
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList()
        for i in range(n_layer):
            self.blocks.append(Block(n_embd, n_head))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        b, t = ids.size()
        if t > self.config["block_size"]:
            raise ValueError(f"cannot look at {t} tokens, only {self.config['block_size']}")
        pos = torch.arange(0, t, dtype=torch.long, device=ids.device)   # (T)
        tok_emb = self.token_embedding(ids)        # (B,T,C)
        pos_emb = self.position_embedding(pos)     # (T,C), gets added to each sequence
        x = tok_emb + pos_emb
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        logits = self.head(x)                      # (B,T,vocab_size)
        return logits
