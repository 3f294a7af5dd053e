"""MiniGPT model, in the manner of `transformers.models.gpt2.modeling_gpt2`."""

import math
from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import Optional, Tuple

import torch
from torch import nn


@dataclass
class MiniGPTConfig:
    """Configuration of a `MiniGPT`. The defaults give a model with 145,764 parameters."""

    vocab_size: int = 100
    n_embd: int = 64
    n_head: int = 4
    n_layer: int = 2
    block_size: int = 512

    def validate(self) -> None:
        if self.n_embd % self.n_head != 0:
            raise ValueError(
                f"`n_embd` must be divisible by `n_head` (got `n_embd`: {self.n_embd} and "
                f"`n_head`: {self.n_head})."
            )


def _make_causal_mask(seq_length: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """Make an additive mask: 0 for the visible places, a huge negative number for the hidden ones."""
    mask_value = torch.finfo(dtype).min
    mask = torch.full((seq_length, seq_length), mask_value, dtype=dtype, device=device)
    mask = torch.triu(mask, diagonal=1)
    # (T, T) -> (1, 1, T, T), so that it can be broadcast over batch and heads
    return mask[None, None, :, :]


def causal_attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor
) -> Tuple[torch.Tensor, torch.Tensor]:
    """Scaled dot-product attention with a causal mask."""
    seq_length, head_dim = q.shape[-2], q.shape[-1]

    # (B, H, T, D) x (B, H, D, T) -> (B, H, T, T)
    attn_scores = torch.matmul(q, k.transpose(-1, -2))  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    attn_scores = attn_scores / math.sqrt(head_dim)

    # hide the future
    causal_mask = _make_causal_mask(seq_length, attn_scores.dtype, attn_scores.device)
    attn_scores = attn_scores + causal_mask

    # normalize the attention scores to probabilities
    attn_probs = nn.functional.softmax(attn_scores, dim=-1)

    # (B, H, T, T) x (B, H, T, D) -> (B, H, T, D)
    attn_output = torch.matmul(attn_probs, v)
    return attn_output, attn_probs


class SelfAttention(nn.Module):
    """Multi-headed causal self-attention."""

    def __init__(self, hidden_size: int, num_heads: int = 4):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_heads = num_heads
        self.head_dim = hidden_size // num_heads
        self.qkv = nn.Linear(hidden_size, 3 * hidden_size)
        self.output = nn.Linear(hidden_size, hidden_size)

    def _split_heads(self, tensor: torch.Tensor) -> torch.Tensor:
        """Split the hidden size into `num_heads` and `head_dim`: (B, T, C) -> (B, H, T, D)."""
        new_shape = tensor.size()[:-1] + (self.num_heads, self.head_dim)
        tensor = tensor.view(new_shape)
        return tensor.permute(0, 2, 1, 3)

    def _merge_heads(self, tensor: torch.Tensor) -> torch.Tensor:
        """Merge `num_heads` and `head_dim` into the hidden size: (B, H, T, D) -> (B, T, C)."""
        tensor = tensor.permute(0, 2, 1, 3).contiguous()
        new_shape = tensor.size()[:-2] + (self.hidden_size,)
        return tensor.view(new_shape)

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        query, key, value = torch.chunk(self.qkv(hidden_states), 3, dim=-1)
        query = self._split_heads(query)
        key = self._split_heads(key)
        value = self._split_heads(value)

        attn_output, _ = causal_attention(query, key, value)

        attn_output = self._merge_heads(attn_output)
        return self.output(attn_output)


class Block(nn.Module):
    """A transformer layer with layer norms in front of its two sub-layers."""

    def __init__(self, config: MiniGPTConfig):
        super().__init__()
        hidden_size = config.n_embd
        inner_dim = 4 * hidden_size
        self.norm_1 = nn.LayerNorm(hidden_size)
        self.attention = SelfAttention(hidden_size, num_heads=config.n_head)
        self.norm_2 = nn.LayerNorm(hidden_size)
        self.mlp = nn.Sequential(
            OrderedDict(
                [
                    ("up", nn.Linear(hidden_size, inner_dim)),
                    ("act", nn.GELU()),
                    ("down", nn.Linear(inner_dim, hidden_size)),
                ]
            )
        )

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        residual = hidden_states
        hidden_states = self.norm_1(hidden_states)
        attn_output = self.attention(hidden_states)
        # residual connection
        hidden_states = attn_output + residual

        residual = hidden_states
        hidden_states = self.norm_2(hidden_states)
        feed_forward_hidden_states = self.mlp(hidden_states)
        # residual connection
        hidden_states = residual + feed_forward_hidden_states
        return hidden_states


class MiniGPT(nn.Module):
    """The bare model with a language modeling head on top."""

    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ):
        super().__init__()
        config = MiniGPTConfig(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )
        config.validate()
        self.config = asdict(config)
        self.max_positions = config.block_size

        self.token_embedding = nn.Embedding(config.vocab_size, config.n_embd)
        self.position_embedding = nn.Embedding(config.block_size, config.n_embd)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.n_layer)])
        self.norm = nn.LayerNorm(config.n_embd)
        self.head = nn.Linear(config.n_embd, config.vocab_size)

    def _get_position_ids(self, ids: torch.Tensor) -> torch.Tensor:
        """Count the positions from 0: (B, T) -> (1, T)."""
        position_ids = torch.arange(ids.shape[-1], dtype=torch.long, device=ids.device)
        return position_ids.unsqueeze(0)

    def _check_length(self, ids: torch.Tensor, limit: Optional[int] = None) -> None:
        limit = self.max_positions if limit is None else limit
        if ids.shape[-1] > limit:
            raise ValueError(f"Input length is {ids.shape[-1]}, but the maximum is {limit}.")

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        self._check_length(ids)
        position_ids = self._get_position_ids(ids)

        inputs_embeds = self.token_embedding(ids)                   # (B, T) -> (B, T, C)
        position_embeds = self.position_embedding(position_ids)     # (1, T) -> (1, T, C)
        hidden_states = inputs_embeds + position_embeds

        for block in self.blocks:
            hidden_states = block(hidden_states)

        hidden_states = self.norm(hidden_states)
        lm_logits = self.head(hidden_states)                        # (B, T, C) -> (B, T, V)
        return lm_logits
