"""
transformer.py - a small GPT in PyTorch (loop 2 of 4)

Shapes used in the comments:
    B = batch size, T = number of tokens, C = n_embd, H = n_head, D = C / H
"""

import math

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    """Causal scaled dot-product attention, written out step by step."""
    # Step 1: Check the inputs. All three must be (B, H, T, D).
    if q.dim() != 4 or q.shape != k.shape or q.shape != v.shape:
        raise ValueError("q, k and v must all have the same shape (B, H, T, D)")
    T, D = q.size(-2), q.size(-1)

    # Step 2: Scale the queries, so that the scores do not grow with D.
    q = q / math.sqrt(D)  # (B, H, T, D)

    # Step 3: Compare every query with every key.
    scores = torch.matmul(q, k.transpose(-2, -1))  # (B, H, T, D) -> (B, H, T, T)

    # Step 4: Hide the future. The mask is True above the diagonal.
    mask = torch.triu(torch.ones(T, T, dtype=torch.bool, device=q.device), diagonal=1)
    scores = scores.masked_fill(mask, torch.finfo(scores.dtype).min)

    # Step 5: Turn the scores into weights that add up to 1.
    weights = torch.softmax(scores, dim=-1)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Step 6: Mix the values with these weights.
    output = torch.matmul(weights, v)  # (B, H, T, T) -> (B, H, T, D)

    # Step 7: Return both results.
    return output, weights


class SelfAttention(nn.Module):
    """Multi-head causal self-attention."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        # Step 1: Remember the sizes.
        self.n_head = n_head
        self.head_dim = n_embd // n_head
        # Step 2: One layer makes q, k and v. Another one mixes the heads.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        # Step 1: Compute q, k and v together and cut them apart.
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3C)
        qkv = qkv.view(B, T, 3, self.n_head, self.head_dim)  # (B, T, 3, H, D)
        qkv = qkv.permute(2, 0, 3, 1, 4)  # (3, B, H, T, D)
        q, k, v = qkv[0], qkv[1], qkv[2]  # each (B, H, T, D)
        # Step 2: Let the tokens look at each other.
        mixed, _ = causal_attention(q, k, v)  # (B, H, T, D)
        # Step 3: Join the heads again.
        mixed = mixed.permute(0, 2, 1, 3).reshape(B, T, C)  # (B, H, T, D) -> (B, T, C)
        # Step 4: Mix what the heads have found.
        return self.output(mixed)


class Block(nn.Module):
    """One transformer layer: attention, then a small MLP, both with a skip connection."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        # Step 1: The attention part.
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        # Step 2: The MLP part.
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        # Step 1: Normalize, attend, add.
        normed = self.norm_1(x)
        x = x + self.attention(normed)
        # Step 2: Normalize, think, add.
        normed = self.norm_2(x)
        x = x + self.mlp(normed)
        return x


class MiniGPT(nn.Module):
    """A GPT-2 style language model."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        # Step 1: Validate the configuration.
        if n_head < 1 or n_embd % n_head != 0:
            raise ValueError("n_embd must be divisible by n_head")

        # Step 2: Keep the configuration.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }

        # Step 3: Create the layers.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList()
        for _ in range(n_layer):
            self.blocks.append(Block(n_embd, n_head))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        # Step 1: Validate the input.
        if ids.dim() != 2:
            raise ValueError("ids must have the shape (B, T)")
        if ids.size(1) > self.config["block_size"]:
            raise ValueError("the text is longer than block_size")

        # Step 2: Look up tokens and positions, and add them.
        positions = torch.arange(ids.size(1), device=ids.device)  # (T,)
        x = self.token_embedding(ids) + self.position_embedding(positions)  # (B, T) -> (B, T, C)

        # Step 3: Run through all blocks.
        for block in self.blocks:
            x = block(x)  # (B, T, C)

        # Step 4: Final norm and raw scores, without softmax.
        return self.head(self.norm(x))  # (B, T, C) -> (B, T, vocab_size)
