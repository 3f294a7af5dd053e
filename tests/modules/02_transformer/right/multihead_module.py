"""PyTorch's own nn.MultiheadAttention inside the model, the formula written out beside it."""

import torch
from torch import nn


def future_mask(length, device=None):
    """True where the column (key) comes after the row (query)."""
    place = torch.arange(length, device=device)
    return place.unsqueeze(0) > place.unsqueeze(1)


def causal_attention(q, k, v):
    head_dim = q.size(3)
    similarity = torch.matmul(q, k.mT).div(head_dim**0.5)
    similarity = torch.where(future_mask(q.size(2), q.device), float("-inf"), similarity)
    weights = nn.Softmax(dim=-1)(similarity)
    return torch.matmul(weights, v), weights


class DecoderBlock(nn.Module):
    def __init__(self, d_model, nhead):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(d_model, nhead, dropout=0.0, batch_first=True)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(
            nn.Linear(d_model, 4 * d_model),
            nn.ReLU(),
            nn.Linear(4 * d_model, d_model),
        )

    def forward(self, x, mask):
        h = self.norm1(x)
        attended, _ = self.self_attn(h, h, h, attn_mask=mask, need_weights=False)
        x = x + attended
        x = x + self.ff(self.norm2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        self.config = {"vocab_size": vocab_size, "block_size": block_size}
        self.config |= {"n_embd": n_embd, "n_head": n_head, "n_layer": n_layer}
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([DecoderBlock(n_embd, n_head) for _ in range(n_layer)])
        self.final_norm = nn.LayerNorm(n_embd)
        self.output = nn.Linear(n_embd, vocab_size)

    def forward(self, input_ids):
        batch_size, seq_len = input_ids.shape
        positions = torch.arange(seq_len, device=input_ids.device)
        positions = positions.unsqueeze(0).expand(batch_size, seq_len)
        x = self.token_embedding(input_ids) + self.position_embedding(positions)
        mask = future_mask(seq_len, input_ids.device)
        for block in self.blocks:
            x = block(x, mask)
        x = self.final_norm(x)
        return self.output(x)
