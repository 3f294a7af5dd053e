# transformer.py
#
# Letters used in the shape comments:
#   B = sequences, T = tokens per sequence, C = n_embd (numbers per token),
#   H = n_head (heads), D = C / H (numbers per token in one head)

import math

import torch
from torch import nn


def causal_attention(q, k, v):  # each (B, H, T, D)
    # Read the sizes we need: T tokens, D numbers per token in one head.
    B, H, T, D = q.shape

    # Step 1: swap the last two dimensions of k (k itself stays unchanged).
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)

    # Step 2: compare every query with every key.
    # @ is matrix multiplication over the last two dimensions,
    # done separately for each sequence and each head.
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Step 3: scale the scores (the shape stays the same).
    scores = scores / math.sqrt(D)

    # Step 4: mark the future. Row = query, column = key.
    # triu with diagonal=1 keeps True only above the diagonal: key after query.
    # The diagonal itself becomes False, so each token may see itself.
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_future = torch.triu(all_true, diagonal=1)

    # Step 5: hide the future. The same table is used for all sequences and heads.
    # masked_fill (without an underscore at the end) returns a new tensor.
    scores = scores.masked_fill(is_future, float("-inf"))

    # Step 6: softmax over the keys, which are the last dimension.
    weights = torch.softmax(scores, dim=-1)

    # Step 7: mix the v vectors, using the weights.
    output = weights @ v  # -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()

        # Remember the number of heads for forward.
        self.n_head = n_head

        # One layer that makes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)

        # One layer that mixes the heads after they are joined.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):  # (B, T, C)
        # Read the sizes; each head gets D of the C numbers.
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Make q, k and v in one go, then cut the result in three.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)
        q, k, v = qkv.split(C, dim=-1)  # (B, T, 3 * C) -> three times (B, T, C)

        # Split the C numbers into H heads of D numbers.
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads forward, so that each head has its own table of tokens.
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention in all heads. The weights are not needed here.
        heads, _ = causal_attention(q, k, v)  # heads: (B, H, T, D)

        # Join the heads again: the two splitting steps, backwards.
        heads = heads.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)
        joined = heads.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mix the information from the different heads (the shape stays the same).
        return self.output(joined)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()

        # First half: normalise, then attention between the tokens.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # Second half: normalise, then a small network for each token by itself.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):  # (B, T, C)
        # Add what attention found to x (the shape stays the same).
        x = x + self.attention(self.norm_1(x))

        # Add what the mlp computed to x (the shape stays the same).
        x = x + self.mlp(self.norm_2(x))

        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # Every head must get the same whole number of values.
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")

        # Remember the settings this model was built with.
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

        # The stack of blocks, each with weights of its own.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # A last normalisation, then the layer that makes the logits.
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):  # (B, T) int64
        # There is no position vector beyond block_size, so refuse longer inputs.
        B, T = ids.shape
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T ({T}) must not be above block_size ({block_size})")

        # Look up the vector of each token.
        token_vectors = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Number the positions 0, 1, ..., T - 1 and look up their vectors.
        positions = torch.arange(T, device=ids.device)  # (T,)
        position_vectors = self.position_embedding(positions)  # (T,) -> (T, C)

        # Add both; every sequence gets the same position vectors.
        x = token_vectors + position_vectors  # (B, T, C) + (T, C) -> (B, T, C)

        # Run the blocks one after the other (the shape stays the same).
        for block in self.blocks:
            x = block(x)

        # Normalise once more (the shape stays the same).
        x = self.norm(x)

        # Turn each token's vector into raw logits, without softmax.
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)

        return logits
