"""transformer.py: a small GPT, written to be read.

Letters used in the shapes:
    B = sequences in the batch
    T = tokens in each sequence
    C = n_embd, numbers per token
    H = n_head, attention heads
    D = C / H, numbers per token in one head
"""

import math

import torch
from torch import nn


def causal_attention(q, k, v):  # each (B, H, T, D)
    # Read the sizes from q, so that this works for any T.
    B, H, T, D = q.shape

    # Step 1, scores: the dot product of every query with every key.
    # transpose(-2, -1) swaps the last two dimensions; @ is matrix multiplication.
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Step 2, scale: keep the scores at a moderate size.
    scores = scores / math.sqrt(D)

    # Step 3, mask: True marks a later token, which must stay hidden.
    # Row = the token that looks, column = the token it looks at. For T = 3:
    #     False  True   True
    #     False  False  True
    #     False  False  False
    # triu keeps the upper triangle; diagonal=1 starts it just above the diagonal,
    # so that each token still sees itself.
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_later = torch.triu(all_true, diagonal=1)
    # The same mask is used for every sequence and every head.
    # masked_fill (without a final _) returns a new tensor and changes nothing in place.
    scores = scores.masked_fill(is_later, float("-inf"))

    # Step 4, weights: softmax over the keys, which are the last dimension.
    # exp(-infinity) is 0, so a hidden token gets a weight of exactly 0.
    weights = torch.softmax(scores, dim=-1)

    # Step 5, output: for each token, the weighted average of the values.
    output = weights @ v  # (B, H, T, T) @ (B, H, T, D) -> (B, H, T, D)

    return output, weights  # (B, H, T, D) and (B, H, T, T)


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()

        # Each head gets an equal share of the n_embd numbers.
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")
        self.n_head = n_head

        # One layer computes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)

        # This layer mixes the results of the heads after they are joined.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):  # (B, T, C)
        # Read the sizes; // divides and gives a whole number.
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Compute q, k and v in one go, then cut the result in three.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)
        q, k, v = qkv.chunk(3, dim=-1)  # (B, T, 3 * C) -> three times (B, T, C)

        # Split the C numbers of each token into H heads of D numbers.
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads in front of the tokens, so that each head works on its own.
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention in all heads at once; the weights are not needed here.
        y, weights = causal_attention(q, k, v)  # y: (B, H, T, D)

        # Join the heads again: undo the move, then undo the split.
        y = y.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)
        y = y.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mix the results of the heads.
        return self.output(y)  # (B, T, C)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()

        # First half: the tokens exchange information.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # Second half: each token is processed alone.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):  # (B, T, C)
        # Normalise, run attention, and add the result to x.
        x = x + self.attention(self.norm_1(x))

        # Normalise, run the mlp, and add the result to x.
        x = x + self.mlp(self.norm_2(x))

        return x  # (B, T, C)


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # Remember the settings, so that the same model can be built again.
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

        # n_layer blocks, each with weights of its own.
        # ModuleList is a list whose parameters PyTorch knows about.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # A last normalisation, then one logit per vocabulary entry.
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):  # (B, T), int64
        # There are only block_size position vectors, so T cannot be larger.
        B, T = ids.shape
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T ({T}) must not be above block_size ({block_size})")

        # Look up the vector of each token.
        tokens = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Look up the vector of each position 0, 1, ..., T - 1.
        positions = torch.arange(T, device=ids.device)  # (T,)
        positions = self.position_embedding(positions)  # (T,) -> (T, C)

        # Add them; every sequence in the batch gets the same position vectors.
        x = tokens + positions  # (B, T, C) + (T, C) -> (B, T, C)

        # Run the blocks, one after the other; the shape stays the same.
        for block in self.blocks:
            x = block(x)

        # Normalise once more.
        x = self.norm(x)

        # Turn each token's vector into raw logits, without softmax.
        return self.head(x)  # (B, T, C) -> (B, T, vocab_size)
