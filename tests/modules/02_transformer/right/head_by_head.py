# my own little gpt, part 2: the transformer
# I write everything with simple loops so that I can follow it with a pencil

import math

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    batch = q.shape[0]
    heads = q.shape[1]
    tokens = q.shape[2]
    size = q.shape[3]
    divisor = math.sqrt(size)

    # two empty tables which I fill row by row
    weights = torch.zeros(batch, heads, tokens, tokens, dtype=q.dtype, device=q.device)
    output = torch.zeros(batch, heads, tokens, size, dtype=q.dtype, device=q.device)

    for i in range(tokens):
        # token number i looks at the tokens 0, 1, ..., i
        end = i + 1
        my_query = q[:, :, i:i + 1, :]                  # (B, H, 1, D)
        old_keys = k[:, :, 0:end, :]                    # (B, H, i + 1, D)
        old_values = v[:, :, 0:end, :]                  # (B, H, i + 1, D)

        # multiply number by number and add up
        # PREDICT: what shape is this for q of (2, 4, 10, 16)?
        scores = (my_query * old_keys).sum(dim=3)       # (B, H, i + 1)
        scores = scores / divisor
        row = torch.softmax(scores, dim=2)              # (B, H, i + 1)
        weights[:, :, i, 0:end] = row

        # now mix the values
        mixed = (row.unsqueeze(3) * old_values).sum(dim=2)   # (B, H, D)
        output[:, :, i, :] = mixed

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_embd = n_embd
        self.n_head = n_head
        self.head_size = n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def cut_into_heads(self, x):
        # (B, T, C) -> (B, H, T, D)
        pieces = []
        for h in range(self.n_head):
            start = h * self.head_size
            stop = start + self.head_size
            piece = x[:, :, start:stop]
            pieces.append(piece)
        return torch.stack(pieces, dim=1)

    def glue_heads(self, x):
        # (B, H, T, D) -> (B, T, C)
        pieces = []
        for h in range(self.n_head):
            pieces.append(x[:, h, :, :])
        return torch.cat(pieces, dim=2)

    def forward(self, x):
        big = self.qkv(x)                               # (B, T, 3 * C)
        q = big[:, :, 0:self.n_embd]
        k = big[:, :, self.n_embd:2 * self.n_embd]
        v = big[:, :, 2 * self.n_embd:3 * self.n_embd]

        q = self.cut_into_heads(q)
        k = self.cut_into_heads(k)
        v = self.cut_into_heads(v)

        result, weights = causal_attention(q, k, v)
        result = self.glue_heads(result)
        result = self.output(result)
        return result


class Block(nn.Module):
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
        a = self.norm_1(x)
        a = self.attention(a)
        x = x + a
        b = self.norm_2(x)
        b = self.mlp(b)
        x = x + b
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        rest = n_embd % n_head
        if rest != 0:
            raise ValueError("n_embd must be divisible by n_head")

        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size

        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList()
        for i in range(n_layer):
            new_block = Block(n_embd, n_head)
            self.blocks.append(new_block)
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        tokens = ids.shape[1]
        if tokens > self.config["block_size"]:
            raise ValueError("the text is too long for this model")

        # what is the token and where does it stand
        what = self.token_embedding(ids)                # (B, T) -> (B, T, C)
        numbers = torch.arange(tokens, device=ids.device)
        where = self.position_embedding(numbers)        # (T,) -> (T, C)
        x = what + where                                # (B, T, C)

        for block in self.blocks:
            x = block(x)
        x = self.norm(x)

        logits = self.head(x)                           # (B, T, C) -> (B, T, V)
        return logits
