"""Library first: scaled_dot_product_attention, and an identity as values to see the weights."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention as sdpa


def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    out = sdpa(q, k, v, is_causal=True)
    # Averaging the rows of the identity matrix yields the averaging weights themselves.
    eye = torch.eye(k.shape[-2], dtype=v.dtype, device=v.device).expand(*k.shape[:2], -1, -1)
    weights = sdpa(q, k, eye, is_causal=True)
    return out, weights


class Layer(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ln_attn = nn.LayerNorm(dim)
        self.to_qkv = nn.Linear(dim, dim * 3, bias=True)
        self.to_out = nn.Linear(dim, dim, bias=True)
        self.ln_mlp = nn.LayerNorm(dim)
        self.up = nn.Linear(dim, dim * 4, bias=True)
        self.down = nn.Linear(dim * 4, dim, bias=True)

    def attend(self, h: Tensor) -> Tensor:
        q, k, v = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in self.to_qkv(h).chunk(3, dim=-1)
        )
        mixed = sdpa(q, k, v, is_causal=True)
        return self.to_out(mixed.transpose(1, 2).flatten(-2))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attend(self.ln_attn(x))
        return x + self.down(F.silu(self.up(self.ln_mlp(x))))


class MiniGPT(nn.Module):
    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ) -> None:
        super().__init__()
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.embed = nn.Embedding(vocab_size, n_embd)
        self.pos_embed = nn.Parameter(torch.randn(1, block_size, n_embd) * 0.02)
        self.layers = nn.ModuleList(Layer(n_embd, n_head) for _ in range(n_layer))
        self.norm = nn.LayerNorm(n_embd)
        self.unembed = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        _, seq_len = ids.shape
        x = self.embed(ids) + self.pos_embed[:, :seq_len]
        for layer in self.layers:
            x = layer(x)
        return self.unembed(self.norm(x))
