# The answer of a chat model: long banner comments, assertions as errors, every shape written out.
import math
from typing import Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor


# =====================================================================
# 1. Causal attention
# =====================================================================
# Every token asks a question (q), offers a label (k), and carries a
# message (v). The causal mask makes sure that nobody can peek ahead!
def causal_attention(q: Tensor, k: Tensor, v: Tensor) -> Tuple[Tensor, Tensor]:
    seq_len = q.shape[-2]
    head_dim = q.shape[-1]

    # Step 1: compare each question with each label: (B, H, T, D) @ (B, H, D, T) -> (B, H, T, T)
    attn_scores = torch.matmul(q, k.transpose(-2, -1))

    # Step 2: keep the variance near 1, so that softmax does not saturate
    attn_scores = attn_scores / math.sqrt(head_dim)

    # Step 3: build the mask. True marks the future, which is forbidden.
    future = torch.ones(seq_len, seq_len, dtype=torch.bool, device=q.device)
    future = torch.triu(future, diagonal=1)
    attn_scores = attn_scores.masked_fill(future, float("-inf"))

    # Step 4: scores -> probabilities, each row sums to 1
    attn_weights = F.softmax(attn_scores, dim=-1)

    # Step 5: mix the messages. (B, H, T, T) @ (B, H, T, D) -> (B, H, T, D)
    attn_output = torch.matmul(attn_weights, v)
    return attn_output, attn_weights


# =====================================================================
# 2. Multi-head self-attention
# =====================================================================
class SelfAttention(nn.Module):
    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")
        self.n_head = n_head
        self.head_dim = n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x: Tensor) -> Tensor:
        batch, seq_len, n_embd = x.size()
        # (B, T, 3C) -> (B, T, 3, H, D) -> (3, B, H, T, D)
        qkv = self.qkv(x).reshape(batch, seq_len, 3, self.n_head, self.head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(dim=0)
        mixed, _ = causal_attention(q, k, v)
        # (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        mixed = mixed.transpose(1, 2).contiguous().view(batch, seq_len, n_embd)
        return self.output(mixed)


# =====================================================================
# 3. The transformer block (pre-norm, as in GPT-2)
# =====================================================================
class Block(nn.Module):
    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        widen, narrow = nn.Linear(n_embd, 4 * n_embd), nn.Linear(4 * n_embd, n_embd)
        self.mlp = nn.Sequential(widen, nn.GELU(), narrow)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


# =====================================================================
# 4. The full model
# =====================================================================
class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        self.config = dict(
            vocab_size=vocab_size,
            n_embd=n_embd,
            n_head=n_head,
            n_layer=n_layer,
            block_size=block_size,
        )
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: Tensor) -> Tensor:
        _, seq_len = ids.shape
        if seq_len > self.config["block_size"]:
            raise ValueError(f"Sequence length {seq_len} exceeds block_size")
        positions = torch.arange(seq_len, device=ids.device)
        x = self.token_embedding(ids) + self.position_embedding(positions)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))
