# transformer.py
# B = sequences, T = tokens per sequence, C = n_embd, H = n_head, D = C / H

import math

import torch
from torch import nn


def causal_attention(q, k, v):  # each (B, H, T, D)
    # Read the two sizes we need from the last two dimensions of q.
    T, D = q.shape[-2], q.shape[-1]

    # Step 1: compare every query with every key ("@" multiplies matrices).
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Step 2: scale the scores down.
    scores = scores / math.sqrt(D)

    # Step 3: hide the future. Row = the token that looks, column = the token it looks at.
    # triu with diagonal=1 keeps True only above the diagonal, where column > row.
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_future = torch.triu(all_true, diagonal=1)
    # The same mask is used for every sequence and every head (broadcasting).
    # masked_fill (without a trailing underscore) returns a new tensor.
    scores = scores.masked_fill(is_future, float("-inf"))

    # Step 4: softmax over the keys, which are in the last dimension.
    weights = torch.softmax(scores, dim=-1)

    # Step 5: average the values, using the weights.
    output = weights @ v  # -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        # One layer makes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # One layer mixes the results of the heads after they are joined.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):  # (B, T, C)
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Make q, k and v in one go, then cut the last dimension in three.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)
        q, k, v = qkv.chunk(3, dim=-1)  # (B, T, 3 * C) -> three times (B, T, C)

        # Split into heads: cut C into H pieces of D numbers.
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads in front of the tokens, so that each head works alone.
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention in all heads at once. The weights are not needed here.
        y, _ = causal_attention(q, k, v)

        # Join the heads: undo the move, then undo the cut.
        y = y.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)
        y = y.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mix what the heads found.
        return self.output(y)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        # First half: normalise, then attention.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        # Second half: normalise, then a small network for each token.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):  # (B, T, C)
        # Tokens exchange information. The result is added to x.
        x = x + self.attention(self.norm_1(x))
        # Each token is processed on its own. The result is added to x.
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # Every head needs the same whole number of values.
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")

        # Remember the settings.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }

        # One vector for each token id, and one vector for each position.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)

        # A stack of n_layer blocks. Each block has weights of its own.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # A last normalisation, then one logit for each vocabulary entry.
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):  # (B, T)
        T = ids.shape[1]

        # There are only block_size position vectors.
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T ({T}) must not be above block_size ({block_size})")

        # Look up what each token is.
        tokens = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Look up where each token is: positions 0, 1, ..., T - 1.
        positions = torch.arange(T, device=ids.device)  # (T,)
        places = self.position_embedding(positions)  # (T,) -> (T, C)

        # Add both. Every sequence gets the same position vectors (broadcasting).
        x = tokens + places  # (B, T, C) + (T, C) -> (B, T, C)

        # Run the blocks one after another. The shape stays (B, T, C).
        for block in self.blocks:
            x = block(x)

        # Normalise, then compute the raw logits (no softmax).
        x = self.norm(x)
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)
        return logits
