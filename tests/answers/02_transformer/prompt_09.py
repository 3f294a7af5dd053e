# transformer.py - a small GPT, built like GPT-2
#
# B = sequences, T = tokens per sequence, C = n_embd (numbers per token),
# H = n_head (heads), D = C / H (numbers per head)

import math

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    # 1. Read the sizes: q, k and v are each (B, H, T, D).
    B, H, T, D = q.shape

    # 2. Transpose k: swap its last two dimensions (k itself stays as it is).
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)

    # 3. Score: the dot product of every query with every key ("@" is matrix multiplication).
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # 4. Scale: keep the scores moderate (the shape stays the same).
    scores = scores / math.sqrt(D)

    # 5. Build the mask: row = query, column = key, True = the key is in the future.
    #    triu with diagonal=1 keeps True only above the diagonal, so a token still sees itself.
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_future = torch.triu(all_true, diagonal=1)

    # 6. Hide the future: the same mask is used for every sequence and every head.
    #    masked_fill (without "_" at the end) makes a new tensor.
    scores = scores.masked_fill(is_future, float("-inf"))

    # 7. Softmax over the keys (the last dimension): the weights of each query add up to 1.
    weights = torch.softmax(scores, dim=-1)

    # 8. Mix the values: a weighted sum of v for every query.
    output = weights @ v  # -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        # Let PyTorch set up the module (every nn.Module needs this line first).
        super().__init__()

        # Remember the number of heads for forward.
        self.n_head = n_head

        # One layer makes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)  # (B, T, C) -> (B, T, 3C)

        # One layer mixes the results of the heads.
        self.output = nn.Linear(n_embd, n_embd)  # (B, T, C) -> (B, T, C)

    def forward(self, x):
        # Read the sizes, and work out the numbers per head.
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Make q, k and v in one go.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3C)

        # Cut the last dimension into three pieces of C numbers each.
        q, k, v = qkv.split(C, dim=-1)  # (B, T, 3C) -> three times (B, T, C)

        # Split into heads: cut C into H pieces of D numbers.
        q = q.view(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.view(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.view(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads in front of the tokens, so that each head works separately.
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention in all heads (the weights are not needed here).
        y, weights = causal_attention(q, k, v)  # y: (B, H, T, D)

        # Join the heads: move them back next to D, then glue H and D together.
        y = y.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)
        y = y.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mix the results of the heads (the shape stays the same).
        return self.output(y)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        # Let PyTorch set up the module.
        super().__init__()

        # First half: normalise, then let tokens look at earlier tokens.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # Second half: normalise, then process each token on its own.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4C) -> (B, T, C)
        )

    def forward(self, x):
        # Add what attention found (x stays (B, T, C) everywhere in this function).
        x = x + self.attention(self.norm_1(x))

        # Add what the mlp computed.
        x = x + self.mlp(self.norm_2(x))

        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        # Let PyTorch set up the module.
        super().__init__()

        # Every head must get the same whole number of values.
        if n_head < 1 or n_embd % n_head != 0:
            raise ValueError(f"n_head ({n_head}) must divide n_embd ({n_embd})")

        # Remember the settings.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }

        # One learned vector for each token id, and one for each position.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)  # (B, T) -> (B, T, C)
        self.position_embedding = nn.Embedding(block_size, n_embd)  # (T) -> (T, C)

        # The stack of n_layer blocks (each new Block has weights of its own).
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # A last normalisation, then one logit for each vocabulary entry.
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)  # (B, T, C) -> (B, T, vocab_size)

    def forward(self, ids):
        # Read the sizes.
        B, T = ids.shape

        # There are only block_size position vectors, so T cannot be larger.
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T ({T}) is larger than block_size ({block_size})")

        # Look up the vector of each token.
        tokens = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Look up the vectors of positions 0, 1, ..., T - 1.
        position_ids = torch.arange(T, device=ids.device)  # (T)
        positions = self.position_embedding(position_ids)  # (T) -> (T, C)

        # Add them: every sequence gets the same position vectors.
        x = tokens + positions  # (B, T, C) + (T, C) -> (B, T, C)

        # Run the blocks one after another (the shape stays the same).
        for block in self.blocks:
            x = block(x)

        # Normalise one last time (the shape stays the same).
        x = self.norm(x)

        # Turn each vector into raw logits, without softmax.
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)

        return logits
