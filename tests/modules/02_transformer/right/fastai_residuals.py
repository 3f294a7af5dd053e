# fast.ai notebook: short names, a Residual wrapper, everything one nn.Sequential, in-place methods
from functools import partial
import math, torch
from torch import nn

def causal_attention(q, k, v):
    n,d = q.shape[-2:]
    future = q.new_full((n,n), -torch.inf).triu_(1)
    acts = q@k.mT
    acts.div_(math.sqrt(d))
    acts.add_(future)
    wgts = acts.softmax(-1)
    return wgts@v, wgts

class Residual(nn.Module):
    "Add what `layers` make of `x` to `x`"
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)
    def forward(self, x): return x + self.layers(x)

class AddPos(nn.Module):
    "Learned positions"
    def __init__(self, max_len, ni):
        super().__init__()
        self.max_len,self.emb = max_len,nn.Embedding(max_len, ni)
    def forward(self, x):
        n = x.shape[1]
        if n>self.max_len: raise ValueError(f"{n} > {self.max_len}")
        return x + self.emb.weight[:n]

class SelfAttn(nn.Module):
    def __init__(self, ni, nh):
        super().__init__()
        self.nh = nh
        self.qkv,self.proj = nn.Linear(ni, ni*3),nn.Linear(ni, ni)
    def forward(self, x):
        bs,n,ni = x.shape
        acts = self.qkv(x).view(bs, n, 3, self.nh, ni//self.nh)
        q,k,v = acts.permute(2, 0, 3, 1, 4)
        x,_ = causal_attention(q, k, v)
        x = x.transpose(1, 2).reshape(bs, n, ni)
        return self.proj(x)

def ffn(ni, act=nn.GELU): return nn.Linear(ni, ni*4), act(), nn.Linear(ni*4, ni)

def block(ni, nh, norm=nn.LayerNorm):
    attn = Residual(norm(ni), SelfAttn(ni, nh))
    return nn.Sequential(attn, Residual(norm(ni), *ffn(ni)))

class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd%n_head: raise ValueError(f"{n_embd=} {n_head=}")
        self.config = dict(vocab_size=vocab_size, n_embd=n_embd, n_head=n_head, n_layer=n_layer,
                           block_size=block_size)
        mk = partial(block, n_embd, n_head)
        self.stem = nn.Sequential(nn.Embedding(vocab_size, n_embd), AddPos(block_size, n_embd))
        self.body = nn.Sequential(*[mk() for _ in range(n_layer)])
        self.head = nn.Sequential(nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size))
    def forward(self, ids):
        x = self.stem(ids)
        x = self.body(x)
        return self.head(x)
