"""MiniGPT, laid out like a `modeling_gpt2.py`."""

from __future__ import annotations

import dataclasses
import math
from collections import OrderedDict

import torch
from torch import nn

ACT2FN = {"gelu": nn.GELU, "relu": nn.ReLU, "silu": nn.SiLU}


@dataclasses.dataclass(frozen=True)
class MiniGPTConfig:
    vocab_size: int = 100
    n_embd: int = 64
    n_head: int = 4
    n_layer: int = 2
    block_size: int = 512

    def __post_init__(self) -> None:
        if self.n_embd % self.n_head != 0:
            raise ValueError(
                f"`n_embd` must be divisible by `n_head` (got `n_embd`: {self.n_embd} and "
                f"`n_head`: {self.n_head})."
            )

    def to_dict(self) -> dict[str, int]:
        return dataclasses.asdict(self)


def _is_future(query_length: int, key_length: int, device: torch.device) -> torch.Tensor:
    query_positions = torch.arange(query_length, device=device).view(-1, 1)
    key_positions = torch.arange(key_length, device=device).view(1, -1)
    return key_positions > query_positions


def causal_attention(q, k, v):
    attn_weights = torch.matmul(q, k.transpose(-1, -2))  # (B, H, T, T)
    attn_weights = attn_weights / math.sqrt(v.size(-1))

    # hide the tokens that come later
    future = _is_future(q.size(-2), k.size(-2), q.device)  # (T, T)
    mask_value = torch.full([], torch.finfo(attn_weights.dtype).min, dtype=attn_weights.dtype, device=q.device)
    attn_weights = torch.where(future, mask_value, attn_weights)

    attn_weights = nn.functional.softmax(attn_weights, dim=-1)
    attn_output = torch.matmul(attn_weights, v)  # (B, H, T, D)
    return attn_output, attn_weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd: int, n_head: int):
        super().__init__()
        self.embed_dim = n_embd
        self.num_heads = n_head
        self.head_dim = self.embed_dim // self.num_heads
        self.qkv = nn.Linear(self.embed_dim, 3 * self.embed_dim)
        self.output = nn.Linear(self.embed_dim, self.embed_dim)

    def _split_heads(self, tensor: torch.Tensor) -> torch.Tensor:
        new_shape = tensor.size()[:-1] + (self.num_heads, self.head_dim)
        tensor = tensor.view(new_shape)
        return tensor.permute(0, 2, 1, 3)  # (batch, head, seq_length, head_features)

    def _merge_heads(self, tensor: torch.Tensor) -> torch.Tensor:
        batch, _, seq_length, _ = tensor.size()
        tensor = tensor.permute(0, 2, 1, 3).contiguous()
        return tensor.view(batch, seq_length, self.embed_dim)

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        query, key, value = self.qkv(hidden_states).split(self.embed_dim, dim=2)
        query, key, value = map(self._split_heads, (query, key, value))
        attn_output, _ = causal_attention(query, key, value)
        return self.output(self._merge_heads(attn_output))


class Block(nn.Module):
    def __init__(self, n_embd: int, n_head: int, activation: str = "gelu"):
        super().__init__()
        inner_dim = 4 * n_embd
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            OrderedDict(
                c_fc=nn.Linear(n_embd, inner_dim),
                act=ACT2FN[activation](),
                c_proj=nn.Linear(inner_dim, n_embd),
            )
        )

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        residual = hidden_states
        hidden_states = self.norm_1(hidden_states)
        hidden_states = self.attention(hidden_states)
        hidden_states = hidden_states + residual

        residual = hidden_states
        hidden_states = self.norm_2(hidden_states)
        hidden_states = self.mlp(hidden_states)
        hidden_states = hidden_states + residual
        return hidden_states


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        config = MiniGPTConfig(vocab_size, n_embd, n_head, n_layer, block_size)
        self.config = config.to_dict()
        self.token_embedding = nn.Embedding(config.vocab_size, config.n_embd)
        self.position_embedding = nn.Embedding(config.block_size, config.n_embd)
        self.blocks = nn.ModuleList([Block(config.n_embd, config.n_head) for _ in range(config.n_layer)])
        self.norm = nn.LayerNorm(config.n_embd)
        self.head = nn.Linear(config.n_embd, config.vocab_size)

    def _position_ids(self, input_ids: torch.Tensor) -> torch.Tensor:
        seq_length = input_ids.size(-1)
        if seq_length > self.config["block_size"]:
            raise ValueError(
                f"Input of length {seq_length} is longer than the maximum of {self.config['block_size']}."
            )
        position_ids = torch.arange(seq_length, dtype=torch.long, device=input_ids.device)
        return position_ids.unsqueeze(0)  # (1, T)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        position_ids = self._position_ids(ids)
        inputs_embeds = self.token_embedding(ids)  # (B, T, C)
        position_embeds = self.position_embedding(position_ids)  # (1, T, C)
        hidden_states = inputs_embeds + position_embeds

        for block in self.blocks:
            hidden_states = block(hidden_states)

        hidden_states = self.norm(hidden_states)
        lm_logits = self.head(hidden_states)  # (B, T, vocab_size)
        return lm_logits
