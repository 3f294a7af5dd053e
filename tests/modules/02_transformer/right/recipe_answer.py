# A chat model's answer to the recipe, black-formatted: banner-free, PREDICT comment, split_heads / merge_heads, keyword arguments
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def causal_attention(q, k, v):
    """Causal scaled dot-product attention.

    Args:
        q, k, v: tensors of shape (B, H, T, D).

    Returns:
        output (B, H, T, D) and weights (B, H, T, T).
    """
    seq_len, head_dim = q.shape[-2:]

    # 1. Similarity of each query with each key, scaled by the size of one head.
    scores = torch.matmul(q, k.mT) / math.sqrt(head_dim)  # (B, H, T, D) -> (B, H, T, T)

    # 2. Lower triangle: a token may look at itself and at what came before it.
    allowed = torch.ones(seq_len, seq_len, dtype=torch.bool, device=q.device).tril()
    scores = scores.masked_fill(allowed.logical_not(), -torch.inf)

    # 3. Scores to probabilities.
    weights = F.softmax(input=scores, dim=-1)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # 4. Weighted average of the values.
    output = torch.matmul(weights, v)  # (B, H, T, T) -> (B, H, T, D)
    return output, weights


class SelfAttention(nn.Module):
    """Multi-head causal self-attention."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.head_dim = n_embd // n_head
        self.qkv = nn.Linear(in_features=n_embd, out_features=3 * n_embd)
        self.output = nn.Linear(in_features=n_embd, out_features=n_embd)

    def split_heads(self, t):
        """(B, T, C) -> (B, H, T, D)"""
        batch_size, seq_len, _ = t.size()
        t = t.view(batch_size, seq_len, self.n_head, self.head_dim)
        return t.transpose(1, 2)

    def merge_heads(self, t):
        """(B, H, T, D) -> (B, T, C)"""
        batch_size, _, seq_len, _ = t.size()
        t = t.transpose(1, 2).contiguous()
        return t.view(batch_size, seq_len, self.n_head * self.head_dim)

    def forward(self, x):
        q, k, v = self.qkv(x).split(self.n_head * self.head_dim, dim=2)  # 3 times (B, T, C)
        attended, _ = causal_attention(
            self.split_heads(q),
            self.split_heads(k),
            self.split_heads(v),
        )
        return self.output(self.merge_heads(attended))


class Block(nn.Module):
    """Pre-norm transformer block with two skip connections."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(normalized_shape=n_embd)
        self.attention = SelfAttention(n_embd=n_embd, n_head=n_head)
        self.norm_2 = nn.LayerNorm(normalized_shape=n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    """A small GPT-2 style language model."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError("n_embd must be divisible by n_head")
        self.config = dict(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )
        self.token_embedding = nn.Embedding(num_embeddings=vocab_size, embedding_dim=n_embd)
        self.position_embedding = nn.Embedding(num_embeddings=block_size, embedding_dim=n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        seq_len = ids.shape[1]
        if seq_len > self.config["block_size"]:
            raise ValueError(f"sequence of {seq_len} tokens is longer than block_size")

        positions = torch.arange(seq_len, device=ids.device)  # (T,)
        x = self.token_embedding(ids) + self.position_embedding(positions)  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        return self.head(x)  # (B, T, vocab_size)
