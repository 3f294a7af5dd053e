# Style: a chat assistant's "clean, production-ready" file: section banners, docstrings, helper methods.
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

# === 1. Scaled dot-product attention with a causal mask ===========

def create_causal_mask(seq_len: int, device: torch.device) -> torch.Tensor:
    """Return a (seq_len, seq_len) boolean mask: True where attention is allowed."""
    return torch.tril(torch.ones(seq_len, seq_len, dtype=torch.bool, device=device))


def causal_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor):
    """
    Causal scaled dot-product attention.

    q, k, v: (B, H, T, D). Returns output (B, H, T, D) and weights (B, H, T, T).
    """
    batch_size, num_heads, seq_len, head_dim = q.shape
    # Step 1: similarity of every query with every key   (B, H, T, T)
    scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(head_dim)
    # Step 2: hide the future
    causal_mask = create_causal_mask(seq_len, q.device)
    scores = scores.masked_fill(~causal_mask, float("-inf"))
    # Step 3: probabilities, then a weighted sum of the values
    weights = F.softmax(scores, dim=-1)
    output = torch.matmul(weights, v)
    return output, weights


# === 2. Multi-head self-attention =================================

class MultiHeadSelfAttention(nn.Module):
    """Projects x to q, k, v, attends in every head, and projects back."""

    def __init__(self, n_embd: int, n_head: int, dropout: float = 0.0):
        super().__init__()
        self.n_embd = n_embd
        self.n_head = n_head
        self.head_dim = n_embd // n_head
        self.qkv_proj = nn.Linear(n_embd, 3 * n_embd)
        self.out_proj = nn.Linear(n_embd, n_embd)
        self.dropout = nn.Dropout(dropout)

    def _split_heads(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, C) -> (B, H, T, D)"""
        batch_size, seq_len, _ = x.shape
        return x.view(batch_size, seq_len, self.n_head, self.head_dim).transpose(1, 2)

    def _merge_heads(self, x: torch.Tensor) -> torch.Tensor:
        """(B, H, T, D) -> (B, T, C)"""
        batch_size, _, seq_len, _ = x.shape
        return x.transpose(1, 2).contiguous().view(batch_size, seq_len, self.n_embd)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv_proj(x).split(self.n_embd, dim=-1)
        attn_output, _ = causal_attention(
            self._split_heads(q), self._split_heads(k), self._split_heads(v)
        )
        return self.dropout(self.out_proj(self._merge_heads(attn_output)))


# === 3. Transformer block (pre-norm, as in GPT-2) =================

class TransformerBlock(nn.Module):
    """x + attention(norm(x)), then x + feed_forward(norm(x))."""

    def __init__(self, n_embd: int, n_head: int):
        super().__init__()
        self.ln_1 = nn.LayerNorm(n_embd)
        self.attn = MultiHeadSelfAttention(n_embd, n_head)
        self.ln_2 = nn.LayerNorm(n_embd)
        self.feed_forward = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln_1(x))
        x = x + self.feed_forward(self.ln_2(x))
        return x


# === 4. The full model ============================================

class MiniGPT(nn.Module):
    """A decoder-only Transformer language model."""

    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) must be divisible by n_head ({n_head})")
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([TransformerBlock(n_embd, n_head) for _ in range(n_layer)])
        self.ln_f = nn.LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(B, T) token ids -> (B, T, vocab_size) logits"""
        batch_size, seq_len = ids.shape
        if seq_len > self.config["block_size"]:
            raise ValueError(f"{seq_len} tokens exceed block_size {self.config['block_size']}")
        # Token + position embeddings
        positions = torch.arange(seq_len, device=ids.device)
        x = self.token_embedding(ids) + self.position_embedding(positions)
        # Transformer blocks
        for block in self.blocks:
            x = block(x)
        # Final normalization and language-model head
        x = self.ln_f(x)
        logits = self.lm_head(x)
        return logits
