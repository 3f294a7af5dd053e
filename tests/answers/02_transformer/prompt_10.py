# transformer.py: a small GPT, built like GPT-2
#
# Letters used for the shapes:
#   B = sequences in the batch      T = tokens in each sequence
#   C = n_embd, numbers per token   H = n_head, number of heads
#   D = C / H, numbers per token inside one head

import math

import torch
from torch import nn


def causal_attention(q, k, v):  # each (B, H, T, D)
    # Step 1: read the sizes we need from the last two dimensions.
    T = q.shape[-2]
    D = q.shape[-1]

    # Step 2: transpose the keys (this does not change k itself).
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)

    # Step 3: compare every query with every key ("@" is matrix multiplication).
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Step 4: scale the scores down.
    scores = scores / math.sqrt(D)

    # Step 5: mark the future. Row = query, column = key.
    # triu(diagonal=1) keeps True only above the diagonal, where key > query.
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_future = all_true.triu(diagonal=1)

    # Step 6: hide the future. The same mask is used for every sequence and head.
    # (masked_fill makes a new tensor; masked_fill_ would change the old one.)
    scores = scores.masked_fill(is_future, float("-inf"))

    # Step 7: softmax over the keys, which are the last dimension.
    weights = torch.softmax(scores, dim=-1)

    # Step 8: take the weighted average of the values.
    output = weights @ v  # -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head

        # One layer makes q, k and v together, so its output is 3 times as wide.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)

        # This layer mixes the results of the heads after they are joined.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):  # (B, T, C)
        # Read the sizes, and work out how many numbers each head gets.
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Make q, k and v in one go.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)

        # Cut the last dimension into three pieces of width C.
        q, k, v = qkv.split(C, dim=-1)  # (B, T, 3 * C) -> three of (B, T, C)

        # Cut the C numbers of each token into H heads of D numbers.
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads in front of the tokens, so each head works on its own.
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention in all heads at once. We do not need the weights here.
        heads, weights = causal_attention(q, k, v)  # heads: (B, H, T, D)

        # Move the heads back behind the tokens.
        heads = heads.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)

        # Join the heads: H * D = C numbers per token again.
        joined = heads.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mix the heads.
        return self.output(joined)  # stays (B, T, C)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()

        # First half: normalise, then attention between the tokens.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # Second half: normalise, then a small network for each token alone.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):  # (B, T, C), and it stays (B, T, C)
        # Add what attention found to x.
        x = x + self.attention(self.norm_1(x))

        # Add what the mlp computed to x.
        x = x + self.mlp(self.norm_2(x))

        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # The heads share the n_embd numbers equally, so this must divide.
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

        # One learned vector for each token id, and one for each position.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)

        # The blocks. ModuleList makes PyTorch register their parameters.
        self.blocks = nn.ModuleList()
        for _ in range(n_layer):
            self.blocks.append(Block(n_embd, n_head))

        # The last normalisation, and the layer that makes the logits.
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):  # (B, T)
        # Read the sizes, and check that we have a position vector for each token.
        B, T = ids.shape
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T ({T}) must not be above block_size ({block_size})")

        # Look up the vector of each token.
        token_vectors = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Number the positions 0, 1, ..., T - 1, and look up their vectors.
        positions = torch.arange(T, device=ids.device)  # (T,)
        position_vectors = self.position_embedding(positions)  # (T,) -> (T, C)

        # Add them. PyTorch uses the same position vectors for every sequence.
        x = token_vectors + position_vectors  # (B, T, C) + (T, C) -> (B, T, C)

        # Run the blocks one after the other.
        for block in self.blocks:
            x = block(x)  # stays (B, T, C)

        # Normalise one last time.
        x = self.norm(x)  # stays (B, T, C)

        # Make the raw logits, without softmax.
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)

        return logits
