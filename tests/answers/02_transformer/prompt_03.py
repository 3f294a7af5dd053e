# transformer.py - a small GPT, built like GPT-2
#
# The letters used in the shapes:
#   B = number of sequences      T = tokens in each sequence
#   C = n_embd, numbers per token
#   H = n_head, number of heads  D = C / H, numbers per token in one head

import math

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    """Let each token look at itself and at the tokens before it.

    q, k and v each have the shape (B, H, T, D).
    """
    # 1. Read the sizes
    B, H, T, D = q.shape

    # 2. Swap the last two dimensions of k (k itself stays as it was)
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)

    # 3. Compare queries with keys (@ is matrix multiplication)
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # 4. Scale the scores, so that they do not grow with D
    scaled_scores = scores / math.sqrt(D)

    # 5. Build the mask: row = the token that looks, column = the token it looks at.
    #    triu(diagonal=1) keeps True only where the column comes after the row.
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_future = all_true.triu(diagonal=1)

    # 6. Hide the future (masked_fill makes a new tensor, nothing changes in place)
    masked_scores = scaled_scores.masked_fill(is_future, float("-inf"))

    # 7. Turn scores into weights; dim=-1 means "over the keys"
    weights = torch.softmax(masked_scores, dim=-1)

    # 8. Mix the values with these weights
    output = weights @ v  # -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    """Attention with several heads."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head

        # One layer that makes q, k and v in a single step
        self.qkv = nn.Linear(n_embd, 3 * n_embd)

        # One layer that mixes the results of the heads
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        # Read the sizes
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Make q, k and v together, then cut the result in three
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)
        q, k, v = qkv.chunk(3, dim=-1)  # (B, T, 3 * C) -> three times (B, T, C)

        # Split into heads: cut the C numbers of each token into H groups of D
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads in front of the tokens, so that each head works by itself
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention in all heads at once (the weights are not needed here)
        heads, weights = causal_attention(q, k, v)

        # Join the heads: move them back behind the tokens, then glue them together
        heads = heads.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)
        joined = heads.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mix the results of the heads
        return self.output(joined)


class Block(nn.Module):
    """One layer of the transformer: attention, then mlp."""

    def __init__(self, n_embd, n_head):
        super().__init__()

        # First half: tokens exchange information
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # Second half: each token is processed by itself
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):
        # Normalise, run attention, add the result to x
        x = x + self.attention(self.norm_1(x))

        # Normalise, run the mlp, add the result to x
        x = x + self.mlp(self.norm_2(x))

        return x


class MiniGPT(nn.Module):
    """The whole model: token ids in, logits out."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # Each head must get the same whole number of values
        if n_head < 1 or n_embd % n_head != 0:
            raise ValueError(f"n_embd={n_embd} cannot be cut into n_head={n_head} equal heads")

        # Remember the settings
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }

        # One learned vector per vocabulary entry, and one per position
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)

        # The blocks (ModuleList lets PyTorch find the parameters inside them)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # The last normalisation, then one score per vocabulary entry
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        # Read the sizes
        B, T = ids.shape

        # There is no position vector beyond block_size
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T={T} tokens is more than block_size={block_size}")

        # Look up the vector of each token
        tokens = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Look up the vector of each position 0, 1, ..., T - 1
        position_ids = torch.arange(T, device=ids.device)  # (T,)
        positions = self.position_embedding(position_ids)  # (T,) -> (T, C)

        # Add both; PyTorch uses the same positions for each of the B sequences
        x = tokens + positions  # (B, T, C) + (T, C) -> (B, T, C)

        # Go through the blocks, one after the other
        for block in self.blocks:
            x = block(x)

        # Normalise one last time
        x = self.norm(x)

        # Turn each token's vector into raw logits (no softmax)
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)

        return logits
