# GPT trunk, adapted from my ViT code: no patches, no [CLS], causal attention.
# B: batch, N: tokens (the T of the task), C: embedding dim, H: heads, D: head dim

from typing import Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F


def causal_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> Tuple[torch.Tensor, torch.Tensor]:
    # (B, H, N, D) -> (B, H, N, N)
    scale = q.shape[-1] ** -0.5
    attn = (q * scale) @ k.mT  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # row index = the token that looks, column index = the token it looks at
    idx = torch.arange(q.shape[-2], device=q.device)
    visible = idx.unsqueeze(1) >= idx.unsqueeze(0)  # (N, N)
    attn = torch.where(visible, attn, torch.full_like(attn, -torch.inf))

    attn = F.softmax(attn, dim=-1)
    # (B, H, N, N) -> (B, H, N, D)
    return attn @ v, attn


class Mlp(nn.Module):
    def __init__(self, in_features: int, hidden_features: Optional[int] = None):
        super().__init__()
        hidden_features = hidden_features or 4 * in_features
        self.fc1 = nn.Linear(in_features, hidden_features)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden_features, in_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.act(self.fc1(x))  # (B, N, C) -> (B, N, 4C)
        x = self.fc2(x)  # (B, N, 4C) -> (B, N, C)
        return x


class SelfAttention(nn.Module):
    def __init__(self, dim: int, num_heads: int):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(dim, dim * 3)
        self.output = nn.Linear(dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        B, N, C = x.shape
        # (B, N, 3C) -> (B, N, 3, H, D) -> (3, B, H, N, D)
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, C // self.num_heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        x, _ = causal_attention(q, k, v)
        # (B, H, N, D) -> (B, N, C)
        x = x.transpose(1, 2).reshape(B, N, C)
        return self.output(x)


class Block(nn.Module):
    def __init__(self, dim: int, num_heads: int, mlp_ratio: float = 4.0):
        super().__init__()
        self.norm_1 = nn.LayerNorm(dim)
        self.attention = SelfAttention(dim, num_heads)
        self.norm_2 = nn.LayerNorm(dim)
        self.mlp = Mlp(dim, int(dim * mlp_ratio))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ):
        super().__init__()
        if n_embd % n_head:
            raise ValueError(f"embedding dim {n_embd} not divisible by {n_head} heads")
        self.config = dict(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )

        # stem
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        # trunk
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        # head
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def _pos_embed(self, x: torch.Tensor) -> torch.Tensor:
        N = x.shape[1]
        # (B, N, C) + (N, C)
        return x + self.position_embedding.weight[:N]

    def forward_features(self, ids: torch.Tensor) -> torch.Tensor:
        x = self._pos_embed(self.token_embedding(ids))  # (B, N) -> (B, N, C)
        for blk in self.blocks:
            x = blk(x)
        return self.norm(x)

    def forward_head(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x)  # (B, N, C) -> (B, N, vocab_size)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        if ids.shape[1] > self.position_embedding.num_embeddings:
            raise ValueError(f"{ids.shape[1]} tokens, but only {self.config['block_size']} positions")
        return self.forward_head(self.forward_features(ids))
