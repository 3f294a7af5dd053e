# Style: the model.py of OpenAI's gpt-2 repository (TensorFlow 1), ported to PyTorch from memory.
import math

import torch
from torch import nn


def softmax(x, axis=-1):
    x = x - torch.amax(x, dim=axis, keepdim=True)
    ex = torch.exp(x)
    return ex / torch.sum(ex, dim=axis, keepdim=True)


def gelu(x):
    return 0.5*x*(1+torch.tanh(math.sqrt(2/math.pi)*(x+0.044715*torch.pow(x, 3))))


def split_states(x, n):
    *start, m = x.shape
    return x.reshape(*start, n, m//n)


def merge_states(x):
    *start, a, b = x.shape
    return x.reshape(*start, a*b)


def attention_mask(nd, ns, *, dtype):
    i = torch.arange(nd)[:, None]
    j = torch.arange(ns)
    m = i >= j - ns + nd
    return m.to(dtype)


def mask_attn_weights(w):
    # w has shape [batch, heads, dst_sequence, src_sequence], where information flows from src to dst.
    nd, ns = w.shape[-2:]
    b = attention_mask(nd, ns, dtype=w.dtype)
    b = b.reshape(1, 1, nd, ns)
    w = w*b - 1e10*(1-b)
    return w


def causal_attention(q, k, v):
    # q, k, v have shape [batch, heads, sequence, features]
    w = torch.matmul(q, k.transpose(-1, -2))
    w = w * (1.0 / math.sqrt(v.shape[-1]))
    w = mask_attn_weights(w)
    w = softmax(w)
    a = torch.matmul(w, v)
    return a, w


class Conv1D(nn.Module):
    def __init__(self, nx, nf, *, w_init_stdev=0.02):
        super().__init__()
        self.w = nn.Parameter(torch.randn(nx, nf) * w_init_stdev)
        self.b = nn.Parameter(torch.zeros(nf))

    def forward(self, x):
        return torch.matmul(x, self.w) + self.b


class Norm(nn.Module):
    def __init__(self, n_state, epsilon=1e-5):
        super().__init__()
        self.epsilon = epsilon
        self.g = nn.Parameter(torch.ones(n_state))
        self.b = nn.Parameter(torch.zeros(n_state))

    def forward(self, x):
        u = torch.mean(x, dim=-1, keepdim=True)
        s = torch.mean(torch.square(x-u), dim=-1, keepdim=True)
        x = (x - u) * torch.rsqrt(s + self.epsilon)
        x = x*self.g + self.b
        return x


class Block(nn.Module):
    def __init__(self, nx, n_head):
        super().__init__()
        self.n_head = n_head
        self.ln_1 = Norm(nx)
        self.c_attn = Conv1D(nx, nx*3)
        self.c_proj = Conv1D(nx, nx)
        self.ln_2 = Norm(nx)
        self.c_fc = Conv1D(nx, nx*4)
        self.c_proj2 = Conv1D(nx*4, nx)

    def split_heads(self, x):
        return split_states(x, self.n_head).permute(0, 2, 1, 3)

    def merge_heads(self, x):
        return merge_states(x.permute(0, 2, 1, 3))

    def attn(self, x):
        c = self.c_attn(x)
        q, k, v = map(self.split_heads, torch.chunk(c, 3, dim=2))
        a, _ = causal_attention(q, k, v)
        return self.c_proj(self.merge_heads(a))

    def mlp(self, x):
        return self.c_proj2(gelu(self.c_fc(x)))

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head:
            raise ValueError("n_head must divide n_embd")
        self.config = dict(vocab_size=vocab_size, n_embd=n_embd, n_head=n_head,
                           n_layer=n_layer, block_size=block_size)
        self.wpe = nn.Parameter(torch.randn(block_size, n_embd) * 0.01)
        self.wte = nn.Parameter(torch.randn(vocab_size, n_embd) * 0.02)
        self.h = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.ln_f = Norm(n_embd)
        self.head = Conv1D(n_embd, vocab_size)

    def forward(self, X):
        batch, sequence = X.shape
        if sequence > self.config["block_size"]:
            raise ValueError("sequence is longer than block_size")
        h = self.wte[X] + self.wpe[torch.arange(sequence)]
        for block in self.h:
            h = block(h)
        return self.head(self.ln_f(h))
