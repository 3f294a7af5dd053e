# Old-fashioned: counters and while loops, arrays filled by index, one head after the other.

import math

import torch
import torch.nn as nn


def causal_attention(xq, xk, xv):
    nh = xq.size(1)
    nt = xq.size(2)
    root = math.sqrt(xq.size(3))

    allowed = torch.zeros(nt, nt, device=xq.device)
    i = 0
    while i < nt:
        allowed[i, 0 : i + 1] = 1
        i = i + 1

    res = [None] * nh
    wts = [None] * nh
    h = 0
    while h < nh:
        s = torch.matmul(xq[:, h], xk[:, h].transpose(1, 2))
        s = s / root
        s = s.masked_fill(allowed == 0, float("-inf"))
        wts[h] = torch.softmax(s, 2)
        res[h] = torch.matmul(wts[h], xv[:, h])
        h = h + 1
    return torch.stack(res, 1), torch.stack(wts, 1)


class Unit(nn.Module):
    def __init__(self, nc, nh):
        super().__init__()
        self.nh = nh
        self.lna = nn.LayerNorm(nc)
        self.fq = nn.Linear(nc, nc)
        self.fk = nn.Linear(nc, nc)
        self.fv = nn.Linear(nc, nc)
        self.fo = nn.Linear(nc, nc)
        self.lnb = nn.LayerNorm(nc)
        self.f1 = nn.Linear(nc, nc * 4)
        self.f2 = nn.Linear(nc * 4, nc)

    def forward(self, x):
        nb = x.size(0)
        nt = x.size(1)
        nc = x.size(2)
        hs = nc // self.nh

        y = self.lna(x)
        xq = self.fq(y).view(nb, nt, self.nh, hs).transpose(1, 2)
        xk = self.fk(y).view(nb, nt, self.nh, hs).transpose(1, 2)
        xv = self.fv(y).view(nb, nt, self.nh, hs).transpose(1, 2)
        r = causal_attention(xq, xk, xv)
        y = r[0].transpose(1, 2).reshape(nb, nt, nc)
        x = x + self.fo(y)

        y = self.lnb(x)
        y = self.f1(y)
        y = y * torch.sigmoid(1.702 * y)
        y = self.f2(y)
        x = x + y
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        nn.Module.__init__(self)
        cfg = {}
        cfg["vocab_size"], cfg["n_embd"] = vocab_size, n_embd
        cfg["n_head"], cfg["n_layer"] = n_head, n_layer
        cfg["block_size"] = block_size
        self.config = cfg
        self.nl = n_layer
        self.emb = nn.Embedding(vocab_size, n_embd)
        self.posemb = nn.Embedding(block_size, n_embd)
        i = 0
        while i < n_layer:
            self.add_module("unit%d" % i, Unit(n_embd, n_head))
            i = i + 1
        self.lnf = nn.LayerNorm(n_embd)
        self.out = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        nt = ids.size(1)
        where = torch.zeros(nt, dtype=torch.long, device=ids.device)
        i = 0
        while i < nt:
            where[i] = i
            i = i + 1
        x = self.emb(ids) + self.posemb(where)
        i = 0
        while i < self.nl:
            x = getattr(self, "unit%d" % i)(x)
            i = i + 1
        x = self.lnf(x)
        return self.out(x)
