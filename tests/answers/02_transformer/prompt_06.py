# transformer.py
# A small GPT, built like GPT-2.
#
# B = sequences, T = tokens in each, C = n_embd, H = n_head, D = C / H

import math

import torch
from torch import nn


def causal_attention(q, k, v):  # each (B, H, T, D)
    # 1. Sizes: T is the number of tokens, D the numbers per token in one head.
    T, D = q.shape[-2], q.shape[-1]

    # 2. Transpose: swap the last two dimensions of k (k itself stays as it is).
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)

    # 3. Scores: compare each query with each key (@ is matrix multiplication).
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # 4. Scale: keep the scores from growing with D.
    scores = scores / math.sqrt(D)

    # 5. Mask: row = query, column = key, True = this key is in the future.
    #    triu with diagonal=1 keeps only what is above the diagonal. For 3 tokens:
    #        False  True   True
    #        False  False  True
    #        False  False  False
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_future = torch.triu(all_true, diagonal=1)

    # 6. Hide: minus infinity wherever the mask is True. The same mask is used
    #    for every sequence and every head. masked_fill makes a new tensor.
    scores = scores.masked_fill(is_future, float("-inf"))

    # 7. Softmax over the keys (the last dimension): each row adds up to 1.
    weights = torch.softmax(scores, dim=-1)

    # 8. Mix: a weighted average of the values for each token.
    output = weights @ v  # -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head

        # One layer that makes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)

        # One layer that mixes the joined heads.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):  # (B, T, C)
        # Read the sizes. // divides two integers and gives an integer.
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Make q, k and v in one go.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)

        # Cut the last dimension in three equal parts.
        q, k, v = qkv.chunk(3, dim=-1)  # (B, T, 3 * C) -> three times (B, T, C)

        # Split C into H heads of D numbers each.
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads in front of the tokens, so each head works on its own.
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention in all heads at once. The weights are not needed here.
        heads, _ = causal_attention(q, k, v)

        # Move the heads back behind the tokens.
        heads = heads.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)

        # Join the heads: put their D numbers side by side.
        joined = heads.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mix what the heads found.
        return self.output(joined)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()

        # First half: normalise, then attention.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # Second half: normalise, then a small network for each token alone.
        # nn.GELU() is the exact GELU; GPT-2 itself used a close approximation.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):  # (B, T, C)
        # Add what attention found to x.
        x = x + self.attention(self.norm_1(x))

        # Add what the mlp found to x.
        x = x + self.mlp(self.norm_2(x))

        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # Each head must get the same whole number of numbers.
        if n_head < 1 or n_embd % n_head != 0:
            raise ValueError(f"n_head ({n_head}) must divide n_embd ({n_embd})")

        # Keep the settings, so the same model can be built again later.
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

        # n_layer Blocks, each with weights of its own.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # A last normalisation, then one logit per vocabulary entry.
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):  # (B, T)
        # Read the length, and stop if there are not enough positions for it.
        T = ids.shape[1]
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T ({T}) is above block_size ({block_size})")

        # Look up a vector for each token.
        tokens = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Number the positions 0, 1, ..., T - 1, on the same device as ids.
        position_ids = torch.arange(T, device=ids.device)  # (T,)

        # Look up a vector for each position.
        positions = self.position_embedding(position_ids)  # (T,) -> (T, C)

        # Add them. Every sequence gets the same position vectors.
        x = tokens + positions  # (B, T, C) + (T, C) -> (B, T, C)

        # Run the blocks one after the other.
        for block in self.blocks:
            x = block(x)

        # Normalise one last time.
        x = self.norm(x)

        # Raw logits, without softmax.
        return self.head(x)  # (B, T, C) -> (B, T, vocab_size)
