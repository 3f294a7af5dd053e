# transformer.py: a small GPT, built like GPT-2.
#
# The letters in the shape comments:
#   B = number of sequences      T = tokens in each sequence
#   C = n_embd, numbers per token
#   H = n_head, number of heads  D = C / H, numbers per token in one head

import math

import torch
from torch import nn


def causal_attention(q, k, v):  # each (B, H, T, D)
    # Step 1: read the sizes T and D from q.
    B, H, T, D = q.shape

    # Step 2: swap the last two dimensions of k (this does not change k itself).
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)

    # Step 3: dot product of every query with every key (@ is matrix multiplication).
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Step 4: scale the scores down by sqrt(D).
    scores = scores / math.sqrt(D)

    # Step 5a: build the mask. Row = the token that looks, column = the token it looks at.
    # triu with diagonal=1 keeps True only above the diagonal: the tokens that come later.
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    is_future = torch.triu(all_true, diagonal=1)

    # Step 5b: put minus infinity wherever the mask is True.
    # masked_fill makes a new tensor; masked_fill_ (with _) would work in place.
    scores = scores.masked_fill(is_future, float("-inf"))

    # Step 6: softmax over the keys (the last dimension), so each row adds up to 1.
    weights = torch.softmax(scores, dim=-1)

    # Step 7: mix the values, using the weights.
    output = weights @ v  # weights @ (B, H, T, D) -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        # Let PyTorch set up the module; this must come first.
        super().__init__()

        # Every head gets the same number of features, so the division must be exact.
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")

        # Remember the number of heads for forward.
        self.n_head = n_head

        # One layer that makes q, k and v together.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)

        # One layer that combines the results of the heads.
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):  # (B, T, C)
        # Read the sizes; // is division that gives a whole number.
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Make q, k and v side by side in one tensor.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)

        # Cut it in three along the last dimension.
        q, k, v = qkv.chunk(3, dim=-1)  # (B, T, 3 * C) -> three of (B, T, C)

        # Split the C numbers of each token into H heads of D numbers.
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Move the heads in front of the tokens, so each head works on its own.
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Run attention in all heads at once; the weights are not needed here.
        mixed, weights = causal_attention(q, k, v)  # mixed: (B, H, T, D)

        # Move the heads back behind the tokens.
        mixed = mixed.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)

        # Join the H heads of D numbers into C numbers per token again.
        mixed = mixed.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Combine what the heads found.
        return self.output(mixed)  # (B, T, C), unchanged


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        # Let PyTorch set up the module.
        super().__init__()

        # Part 1: normalise each token, then let tokens exchange information.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # Part 2: normalise each token, then process each token on its own.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            # Make each token four times wider.
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            # Bend the values: GELU is a smooth relative of ReLU.
            nn.GELU(),
            # Go back to the original width.
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):  # (B, T, C), the shape stays the same throughout
        # Add the result of attention to x (a "residual connection").
        x = x + self.attention(self.norm_1(x))

        # Add the result of the mlp to x.
        x = x + self.mlp(self.norm_2(x))

        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        # Let PyTorch set up the module.
        super().__init__()

        # Keep the settings, so the same model can be built again later.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }

        # One learned vector for each token id.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)

        # One learned vector for each position, 0 to block_size - 1.
        self.position_embedding = nn.Embedding(block_size, n_embd)

        # A stack of n_layer blocks; ModuleList lets PyTorch find their parameters.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # A last normalisation after all blocks.
        self.norm = nn.LayerNorm(n_embd)

        # The output layer. This "head" is not an attention head, only the same word.
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):  # (B, T), int64
        # Read the sizes.
        B, T = ids.shape

        # There are only block_size position vectors, so T cannot be larger.
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T ({T}) must not be above block_size ({block_size})")

        # Look up the vector of each token.
        token_vectors = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Number the positions 0, 1, ..., T - 1, on the same device as ids.
        positions = torch.arange(T, device=ids.device)  # (T,)

        # Look up the vector of each position.
        position_vectors = self.position_embedding(positions)  # (T,) -> (T, C)

        # Add them; every sequence in the batch gets the same position vectors.
        x = token_vectors + position_vectors  # (B, T, C) + (T, C) -> (B, T, C)

        # Send x through the blocks, one after the other.
        for block in self.blocks:
            x = block(x)

        # Normalise one last time.
        x = self.norm(x)

        # Turn each token's vector into one raw score (logit) per vocabulary entry.
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)

        return logits
