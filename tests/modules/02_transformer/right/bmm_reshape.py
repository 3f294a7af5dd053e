"""BLAS thinking: batch and heads folded into one axis, baddbmm and addmm, weights as (in, out)."""

import torch
from torch import nn


def causal_attention(q, k, v):
    b, h, t, d = q.shape
    q3, k3, v3 = q.reshape(b * h, t, d), k.reshape(b * h, t, d), v.reshape(b * h, t, d)
    lower = torch.ones(t, t, dtype=q.dtype, device=q.device).tril()
    bias = lower.log().expand(b * h, t, t)
    p = torch.baddbmm(bias, q3, k3.transpose(1, 2), alpha=d**-0.5).softmax(dim=2)
    return torch.bmm(p, v3).view(b, h, t, d), p.view(b, h, t, t)


class Affine(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.w = nn.Parameter(torch.empty(n_in, n_out))
        self.b = nn.Parameter(torch.zeros(n_out))
        nn.init.xavier_uniform_(self.w)

    def forward(self, x):
        y = torch.addmm(self.b, x.reshape(-1, x.shape[-1]), self.w)
        return y.view(*x.shape[:-1], -1)


class GPTBlock(nn.Module):
    def __init__(self, n, heads):
        super().__init__()
        self.heads = heads
        self.pre_attn, self.pre_mlp = nn.LayerNorm(n), nn.LayerNorm(n)
        self.qkv, self.merge = Affine(n, 3 * n), Affine(n, n)
        self.wide, self.narrow = Affine(n, 4 * n), Affine(4 * n, n)
        self.act = nn.GELU()

    def attend(self, x):
        b, t, n = x.shape
        parts = self.qkv(x).view(b, t, 3, self.heads, n // self.heads)
        q, k, v = parts.transpose(1, 3).unbind(2)
        y = causal_attention(q, k, v)[0]
        y = y.permute(0, 2, 1, 3)
        return self.merge(y.reshape(b, t, n))

    def forward(self, x):
        x = torch.add(x, self.attend(self.pre_attn(x)))
        return torch.add(x, self.narrow(self.act(self.wide(self.pre_mlp(x)))))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        sizes = (vocab_size, n_embd, n_head, n_layer, block_size)
        self.config = dict(zip("vocab_size n_embd n_head n_layer block_size".split(), sizes))
        self.table = nn.Parameter(torch.empty(vocab_size, n_embd).normal_(std=0.3))
        self.place = nn.Parameter(torch.empty(block_size, n_embd).normal_(std=0.3))
        self.body = nn.ModuleList()
        for _ in range(n_layer):
            self.body.append(GPTBlock(n_embd, n_head))
        self.after = nn.LayerNorm(n_embd)
        self.to_vocab = Affine(n_embd, vocab_size)

    def forward(self, ids):
        b, t = ids.shape
        x = self.table.index_select(0, ids.reshape(-1)).view(b, t, -1)
        x = x + self.place.narrow(0, 0, t)
        for layer in self.body:
            x = layer(x)
        return self.to_vocab(self.after(x))
