# Style: a computer vision person who knows the VisionTransformer of timm by heart.
from functools import partial
from typing import Callable, Optional, Tuple

import torch
import torch.nn as nn


def causal_bias(N: int, like: torch.Tensor) -> torch.Tensor:
    return torch.full((N, N), float("-inf"), dtype=like.dtype, device=like.device).triu(1)


def causal_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
    B, num_heads, N, head_dim = q.shape
    scale = head_dim ** -0.5
    q = q * scale
    attn = q @ k.transpose(-2, -1)
    attn = attn + causal_bias(N, attn)
    attn = attn.softmax(dim=-1)
    x = attn @ v
    return x, attn


class Mlp(nn.Module):
    def __init__(
            self,
            in_features: int,
            hidden_features: Optional[int] = None,
            out_features: Optional[int] = None,
            act_layer: Callable[[], nn.Module] = nn.GELU,
    ) -> None:
        super().__init__()
        out_features = out_features or in_features
        hidden_features = hidden_features or in_features
        self.fc1 = nn.Linear(in_features, hidden_features)
        self.act = act_layer()
        self.fc2 = nn.Linear(hidden_features, out_features)

    def forward(self, x):
        x = self.fc1(x)
        x = self.act(x)
        x = self.fc2(x)
        return x


class Attention(nn.Module):
    def __init__(self, dim: int, num_heads: int = 8, qkv_bias: bool = True) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = dim // num_heads
        self.qkv = nn.Linear(dim, dim * 3, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, self.head_dim).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        x, _ = causal_attention(q, k, v)
        x = x.transpose(1, 2).reshape(B, N, C)
        x = self.proj(x)
        return x


class Block(nn.Module):
    def __init__(
            self,
            dim: int,
            num_heads: int,
            mlp_ratio: float = 4.,
            norm_layer: Callable[[int], nn.Module] = nn.LayerNorm,
    ) -> None:
        super().__init__()
        self.norm1 = norm_layer(dim)
        self.attn = Attention(dim, num_heads=num_heads)
        self.norm2 = norm_layer(dim)
        self.mlp = Mlp(in_features=dim, hidden_features=int(dim * mlp_ratio))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"dim {n_embd} should be divisible by num_heads {n_head}")
        self.config = {
            "vocab_size": vocab_size, "n_embd": n_embd, "n_head": n_head,
            "n_layer": n_layer, "block_size": block_size,
        }
        self.block_size = block_size
        norm_layer = partial(nn.LayerNorm, eps=1e-6)

        self.token_embed = nn.Embedding(vocab_size, n_embd)
        self.pos_embed = nn.Parameter(torch.zeros(1, block_size, n_embd))
        nn.init.trunc_normal_(self.pos_embed, std=.02)
        self.blocks = nn.Sequential(*[
            Block(dim=n_embd, num_heads=n_head, norm_layer=norm_layer) for _ in range(n_layer)
        ])
        self.norm = norm_layer(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward_features(self, ids: torch.Tensor) -> torch.Tensor:
        N = ids.shape[1]
        x = self.token_embed(ids)
        x = x + self.pos_embed[:, :N]
        x = self.blocks(x)
        x = self.norm(x)
        return x

    def forward_head(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        if ids.shape[1] > self.block_size:
            raise ValueError(f"sequence of {ids.shape[1]} tokens, but block_size is {self.block_size}")
        x = self.forward_features(ids)
        x = self.forward_head(x)
        return x
