# transformer.py
#
# Letters used in the shape comments:
#   B = number of sequences     T = tokens per sequence     C = n_embd, numbers per token
#   H = n_head, heads           D = C / H, numbers per head

import math

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    """q, k and v are each (B, H, T, D). Returns output and weights."""

    # Step 1: read the sizes.
    B, H, T, D = q.shape

    # Step 2: swap the last two dimensions of k (k itself is not changed).
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)

    # Step 3: dot product of each query with each key.
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Step 4: scale the scores.
    scores = scores / math.sqrt(D)

    # Step 5: build the mask. Row = query, column = key.
    # triu with diagonal=1 keeps True only above the diagonal: the keys after the query.
    ones = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_future = torch.triu(ones, diagonal=1)

    # Step 6: hide the future. The same mask is used for every sequence and every head.
    scores = scores.masked_fill(is_future, float("-inf"))

    # Step 7: softmax over the keys, which are the last dimension.
    weights = torch.softmax(scores, dim=-1)

    # Step 8: weighted sum of the values.
    output = weights @ v  # -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()

        # Every head must get the same whole number of values.
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")

        # Remember the sizes for forward.
        self.n_head = n_head
        self.head_size = n_embd // n_head

        # One layer that makes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)

        # One layer that mixes the joined heads.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):  # x is (B, T, C)
        # Read the sizes.
        B, T, C = x.shape
        H = self.n_head
        D = self.head_size

        # Make q, k and v in one go.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)

        # Cut the last dimension in three equal parts.
        q, k, v = qkv.chunk(3, dim=-1)  # (B, T, 3 * C) -> three times (B, T, C)

        # Split C into H heads of D numbers each.
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads in front of the tokens, so that each head works on its own.
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention. The weights are not needed here.
        heads, weights = causal_attention(q, k, v)

        # Move the tokens back in front of the heads.
        heads = heads.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)

        # Join the heads: H * D is C again.
        joined = heads.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mix what the heads found.
        return self.output(joined)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()

        # First half: tokens look at each other.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # Second half: each token is processed on its own.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):  # x is (B, T, C), and stays (B, T, C)
        # Add what attention found to x.
        x = x + self.attention(self.norm_1(x))

        # Add what the mlp found to x.
        x = x + self.mlp(self.norm_2(x))

        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # Keep the five settings, so that the model can be built again later.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }

        # One learned vector per vocabulary entry, and one per position.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)

        # The blocks. ModuleList makes sure PyTorch finds their parameters.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # The final norm, and the layer that makes the logits.
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):  # ids is (B, T), int64
        # Read the sizes.
        B, T = ids.shape

        # There is no position vector beyond block_size.
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T ({T}) must not be above block_size ({block_size})")

        # Look up the vector of each token.
        tokens = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Number the positions 0, 1, ..., T - 1 and look up their vectors.
        position_ids = torch.arange(T, device=ids.device)  # (T)
        positions = self.position_embedding(position_ids)  # (T) -> (T, C)

        # Add them. Every sequence gets the same position vectors.
        x = tokens + positions  # (B, T, C) + (T, C) -> (B, T, C)

        # Run the blocks one after the other.
        for block in self.blocks:
            x = block(x)

        # Apply the final norm.
        x = self.norm(x)

        # Make the raw logits, without softmax.
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)

        return logits
