# transformer.py
# Written step by step. Read it from top to bottom, each step uses the one before it.

import math

import torch
import torch.nn as nn


# ---------------------------------------------------------------------------
# Step 1: causal attention
# ---------------------------------------------------------------------------
def causal_attention(q, k, v):
    """Each token looks at itself and at the tokens before it."""
    # Step 1a: read the sizes.
    B, H, T, D = q.shape

    # Step 1b: compare every query with every key.
    scores = torch.matmul(q, k.transpose(-2, -1))  # (B, H, T, D) -> (B, H, T, T)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Step 1c: scale the scores, so that they do not grow with D.
    scores = scores / math.sqrt(D)  # (B, H, T, T)

    # Step 1d: build the mask. True means "you may look here".
    allowed = torch.tril(torch.ones(T, T, device=q.device)).bool()  # (T, T)

    # Step 1e: hide the future.
    scores = scores.masked_fill(~allowed, float("-inf"))  # (B, H, T, T)

    # Step 1f: turn the scores into weights. Each row adds up to 1.
    weights = torch.softmax(scores, dim=-1)  # (B, H, T, T)

    # Step 1g: mix the values.
    output = torch.matmul(weights, v)  # (B, H, T, T) -> (B, H, T, D)
    return output, weights


# ---------------------------------------------------------------------------
# Step 2: self-attention with several heads
# ---------------------------------------------------------------------------
class SelfAttention(nn.Module):
    """Makes q, k and v, splits them into heads, and joins the heads again."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.head_size = n_embd // n_head
        # One layer makes all three at once.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # A last layer mixes what the heads found.
        self.output = nn.Linear(n_embd, n_embd)

    def split_heads(self, x):
        B, T, C = x.shape
        x = x.view(B, T, self.n_head, self.head_size)  # (B, T, C) -> (B, T, H, D)
        return x.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

    def forward(self, x):
        B, T, C = x.shape
        # Step 2a: make q, k and v.
        q, k, v = self.qkv(x).split(C, dim=2)  # (B, T, 3C) -> three times (B, T, C)
        # Step 2b: split each into heads.
        q = self.split_heads(q)  # (B, T, C) -> (B, H, T, D)
        k = self.split_heads(k)  # (B, T, C) -> (B, H, T, D)
        v = self.split_heads(v)  # (B, T, C) -> (B, H, T, D)
        # Step 2c: attention.
        out, _ = causal_attention(q, k, v)  # (B, H, T, D)
        # Step 2d: join the heads.
        out = out.transpose(1, 2).contiguous().view(B, T, C)  # (B, H, T, D) -> (B, T, C)
        # Step 2e: mix them.
        return self.output(out)  # (B, T, C)


# ---------------------------------------------------------------------------
# Step 3: one transformer block
# ---------------------------------------------------------------------------
class Block(nn.Module):
    """Attention, then a small network, each with a skip connection."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4C) -> (B, T, C)
        )

    def forward(self, x):
        # Step 3a: the tokens talk to each other.
        x = x + self.attention(self.norm_1(x))
        # Step 3b: each token thinks for itself.
        x = x + self.mlp(self.norm_2(x))
        return x


# ---------------------------------------------------------------------------
# Step 4: the whole model
# ---------------------------------------------------------------------------
class MiniGPT(nn.Module):
    """From ids to logits."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        # Step 4a: check the sizes.
        if n_embd % n_head != 0:
            raise ValueError("n_embd must be divisible by n_head")
        # Step 4b: remember the settings.
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        # Step 4c: make the layers.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.shape
        # Step 4d: check the length.
        if T > self.config["block_size"]:
            raise ValueError("the text is longer than block_size")
        # Step 4e: what is each token, and where does it stand?
        positions = torch.arange(T, device=ids.device)  # (T,)
        x = self.token_embedding(ids) + self.position_embedding(positions)  # (B, T) -> (B, T, C)
        # Step 4f: go through the blocks.
        for block in self.blocks:
            x = block(x)  # (B, T, C)
        # Step 4g: normalise, and score every possible next token.
        x = self.norm(x)  # (B, T, C)
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)
        return logits
