# transformer.py
# Notation: B sequences, T rows (one per token), C columns (n_embd), H heads, D = C / H columns per head
import torch
from torch import nn


def causal_attention(q, k, v):
    n_rows, n_cols = q.shape[-2:]

    # cross table of all queries against all keys, (B, H, T, D) x (B, H, T, D) -> (B, H, T, T)
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k)

    # rescale, so the spread does not depend on the number of columns
    scores = scores / n_cols**0.5

    # boolean filter: row = query, column = key, keep keys that are not later than the query
    pos = torch.arange(n_rows, device=q.device)
    keep = pos[None, :] <= pos[:, None]  # (T, T)
    scores = scores.where(keep, float("-inf"))

    # scores -> shares: every row sums up to 100 %
    weights = scores.softmax(dim=-1)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # weighted average of the values, (B, H, T, T) x (B, H, T, D) -> (B, H, T, D)
    output = torch.einsum("bhqk,bhkd->bhqd", weights, v)
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        # one wide table, three blocks of columns: (B, T, 3C) -> 3 times (B, T, C)
        wide = self.qkv(x)
        blocks = wide.tensor_split(3, dim=-1)

        # pivot the columns of each head into an axis of its own: (B, T, C) -> (B, H, T, D)
        q, k, v = [block.unflatten(-1, (self.n_head, -1)).permute(0, 2, 1, 3) for block in blocks]
        mixed, _ = causal_attention(q, k, v)

        # and back to the wide format: (B, H, T, D) -> (B, T, C)
        return self.output(mixed.permute(0, 2, 1, 3).flatten(2))


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
        if n_embd % n_head:
            raise ValueError(f"cannot share {n_embd} columns between {n_head} heads")
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

    def forward(self, ids):
        n_rows = ids.shape[1]
        if n_rows > self.config["block_size"]:
            raise ValueError(f"{n_rows} tokens, but at most {self.config['block_size']} are possible")

        # two lookups, joined by adding them up: (B, T) -> (B, T, C)
        row_number = torch.arange(n_rows, device=ids.device)
        x = self.token_embedding(ids) + self.position_embedding(row_number)

        # the pipeline
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))  # (B, T, C) -> (B, T, vocab_size)
