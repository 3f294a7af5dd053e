import torch
import torch.nn as nn


def causal_attention(q, k, v):
    B, H, T, D = q.shape
    # Scaled scores.
    scores = (q @ k.transpose(-2, -1)) / D**0.5  # (B, H, T, T)  PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # Hide the future.
    mask = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(1)
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    # Mix the values.
    return weights @ v, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        H, D = self.n_head, C // self.n_head
        # (B, T, C) -> 3 x (B, H, T, D)
        q, k, v = [t.reshape(B, T, H, D).transpose(1, 2) for t in self.qkv(x).chunk(3, dim=-1)]
        y, _ = causal_attention(q, k, v)
        # (B, H, T, D) -> (B, T, C)
        return self.output(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd))

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head:
            raise ValueError("n_embd must be divisible by n_head")
        self.config = dict(vocab_size=vocab_size, n_embd=n_embd, n_head=n_head, n_layer=n_layer, block_size=block_size)
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        T = ids.shape[1]
        if T > self.config["block_size"]:
            raise ValueError("sequence too long")
        # (B, T) -> (B, T, C)
        x = self.token_embedding(ids) + self.position_embedding(torch.arange(T, device=ids.device))
        for block in self.blocks:
            x = block(x)
        # (B, T, C) -> (B, T, vocab_size)
        return self.head(self.norm(x))
