import torch
import torch.nn as nn
import torch.nn.functional as F


def causal_attention(q, k, v):
    T = q.size(-2)
    # scale the queries once, that is cheaper than scaling the (T, T) scores
    q = q * q.size(-1) ** -0.5
    scores = q @ k.mT  # (B, H, T, D) @ (B, H, D, T) -> (B, H, T, T)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # additive mask: 0 on and below the diagonal, -inf above it
    mask = nn.Transformer.generate_square_subsequent_mask(T, device=q.device, dtype=q.dtype)
    weights = F.softmax(scores + mask, dim=-1)
    return weights @ v, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        # (B, T, 3C) -> (B, T, 3, H, D) -> (3, B, H, T, D)
        qkv = self.qkv(x).unflatten(-1, (3, self.n_head, -1)).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        out, _ = causal_attention(q, k, v)
        # (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        out = out.transpose(1, 2).flatten(2)
        return self.output(out)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
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
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"embed dim {n_embd} is not divisible by {n_head} heads")
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        T = ids.size(1)
        if T > self.position_embedding.num_embeddings:
            raise ValueError(f"sequence of {T} exceeds block_size {self.config['block_size']}")
        # (B, T) -> (B, T, C), the positions broadcast over the batch
        x = self.token_embedding(ids) + self.position_embedding.weight[:T]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))  # (B, T, C) -> (B, T, vocab_size)
