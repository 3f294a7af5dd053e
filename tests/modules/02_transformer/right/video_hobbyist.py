# my GPT, after the "let's build GPT" video, but with the names from the recipe
# B = batch, T = time, C = channels (n_embd), nh = number of heads, hs = head size

import torch
import torch.nn as nn
from torch.nn import functional as F


def causal_attention(q, k, v):
    # every token asks (q) every token (k): how interesting are you?
    B, nh, T, hs = q.shape
    kt = k.transpose(-2, -1)  # (B, nh, T, hs) -> (B, nh, hs, T)
    wei = q @ kt * k.shape[-1] ** -0.5  # (B, nh, T, hs) @ (B, nh, hs, T) -> (B, nh, T, T)
    # no peeking into the future
    tril = torch.tril(torch.ones(T, T, device=q.device))
    wei = wei.masked_fill(tril == 0, float('-inf'))
    wei = F.softmax(wei, dim=-1)  # (B, nh, T, T)
    # weighted aggregation of the values
    out = wei @ v  # (B, nh, T, T) @ (B, nh, T, hs) -> (B, nh, T, hs)
    return out, wei


class SelfAttention(nn.Module):
    """ all heads in one go, instead of a list of Head modules """

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).split(C, dim=2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)  # (B, nh, T, hs)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)  # (B, nh, T, hs)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)  # (B, nh, T, hs)
        out, wei = causal_attention(q, k, v)
        out = out.transpose(1, 2).contiguous().view(B, T, C)  # all heads side by side
        return self.output(out)


class Block(nn.Module):
    """ Transformer block: communication followed by computation """

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
            raise ValueError(f"n_embd {n_embd} can't be shared by {n_head} heads")
        self.config = dict(vocab_size=vocab_size, n_embd=n_embd, n_head=n_head,
                           n_layer=n_layer, block_size=block_size)
        self.block_size = block_size
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)  # final layer norm
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        B, T = ids.shape
        if T > self.block_size:
            raise ValueError(f"{T} tokens, but block_size is only {self.block_size}")
        tok_emb = self.token_embedding(ids)  # (B, T, C)
        pos_emb = self.position_embedding(torch.arange(T, device=ids.device))  # (T, C)
        x = tok_emb + pos_emb  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)  # (B, T, C)
        logits = self.head(x)  # (B, T, vocab_size)
        return logits
