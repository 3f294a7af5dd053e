# transformer.py
#
# The letters in the shape comments:
#   B = sequences, T = tokens in each, C = n_embd (numbers per token),
#   H = n_head (heads), D = C / H (numbers per head)

import math

import torch
from torch import nn


def causal_attention(q, k, v):
    """Attention where no token sees a later one. q, k and v are (B, H, T, D)."""
    # Read the number of tokens and the numbers per head.
    T = q.shape[-2]
    D = q.shape[-1]

    # Swap the last two dimensions of k (this does not change k itself).
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)

    # Compare each query with each key.
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Scale the scores, so that they do not grow with D.
    scores = scores / math.sqrt(D)

    # Mark the future: row = query, column = key, True where the key comes later.
    # diagonal=1 starts just above the diagonal, so each token still sees itself.
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_future = torch.triu(all_true, diagonal=1)

    # Hide the future. The same mask is used for every sequence and every head.
    scores = scores.masked_fill(is_future, float("-inf"))

    # Turn the scores into weights. dim=-1 is the keys, so each row sums to 1.
    weights = torch.softmax(scores, dim=-1)

    # Mix the values, using the weights.
    output = weights @ v  # -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    """Several attention heads side by side."""

    def __init__(self, n_embd, n_head):
        super().__init__()

        # Each head gets an equal share of the n_embd numbers.
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")
        self.n_head = n_head

        # One layer that makes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)

        # One layer that mixes the heads after they are joined.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        # Read the sizes.
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Make q, k and v in one go.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)

        # Cut the last dimension in three equal parts.
        q, k, v = qkv.chunk(3, dim=-1)  # (B, T, 3 * C) -> three times (B, T, C)

        # Split the C numbers of each token into H heads of D numbers.
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads in front of the tokens, so each head works separately.
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention in all heads. The weights are not needed here.
        x, weights = causal_attention(q, k, v)  # x is (B, H, T, D)

        # Join the heads again: the two splitting steps, backwards.
        x = x.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)
        x = x.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mix what the heads found.
        return self.output(x)


class Block(nn.Module):
    """One transformer layer: attention, then a small network (mlp)."""

    def __init__(self, n_embd, n_head):
        super().__init__()

        # Attention, with the normalisation that comes before it.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # The mlp, with the normalisation that comes before it.
        # nn.GELU() is the exact formula; the original GPT-2 uses a close
        # approximation of it.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):
        # Tokens look at each other; the result is added to x.
        x = x + self.attention(self.norm_1(x))

        # Each token is processed on its own; the result is added to x.
        x = x + self.mlp(self.norm_2(x))

        return x


class MiniGPT(nn.Module):
    """The whole model: token ids in, logits out."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # Remember the settings.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }

        # One vector per vocabulary entry, and one per position.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)

        # The stack of blocks. ModuleList makes PyTorch find their parameters.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # A last normalisation.
        self.norm = nn.LayerNorm(n_embd)

        # From a token's vector to one number per vocabulary entry.
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
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

        # Go through the blocks, one after the other.
        for block in self.blocks:
            x = block(x)

        # Normalise one last time.
        x = self.norm(x)

        # Make the raw logits, without softmax.
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)

        return logits
