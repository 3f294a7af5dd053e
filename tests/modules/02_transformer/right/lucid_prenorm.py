# in the manner of lucidrains: exists / default helpers, PreNorm wrappers, pairs in nested ModuleLists
import torch
from torch import nn, einsum

# helpers

def exists(val):
    return val is not None

def default(val, d):
    return val if exists(val) else d

# classes

class PreNorm(nn.Module):
    def __init__(self, dim, fn):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fn = fn

    def forward(self, x, **kwargs):
        x = self.norm(x)
        return self.fn(x, **kwargs)

def FeedForward(dim, mult = 4):
    return nn.Sequential(
        nn.Linear(dim, dim * mult),
        nn.GELU(),
        nn.Linear(dim * mult, dim)
    )

def causal_attention(q, k, v):
    i, j, device = q.shape[-2], k.shape[-2], q.device
    scale = q.shape[-1] ** -0.5

    sim = einsum('b h i d, b h j d -> b h i j', q, k) * scale

    causal_mask = torch.ones((i, j), dtype = torch.bool, device = device).triu(j - i + 1)
    sim = sim.masked_fill(causal_mask, -torch.finfo(sim.dtype).max)

    attn = sim.softmax(dim = -1)

    out = einsum('b h i j, b h j d -> b h i d', attn, v)
    return out, attn

class Attention(nn.Module):
    def __init__(self, dim, heads = 4, dim_head = None):
        super().__init__()
        dim_head = default(dim_head, dim // heads)
        inner_dim = dim_head * heads

        self.heads = heads
        self.to_qkv = nn.Linear(dim, inner_dim * 3)
        self.to_out = nn.Linear(inner_dim, dim)

    def forward(self, x):
        b, n, _, h = *x.shape, self.heads

        q, k, v = self.to_qkv(x).chunk(3, dim = -1)
        q, k, v = map(lambda t: t.reshape(b, n, h, -1).transpose(1, 2), (q, k, v))

        out, _ = causal_attention(q, k, v)

        out = out.transpose(1, 2).reshape(b, n, -1)
        return self.to_out(out)

# main class

class MiniGPT(nn.Module):
    def __init__(
        self,
        vocab_size = 100,
        n_embd = 64,
        n_head = 4,
        n_layer = 2,
        block_size = 512
    ):
        super().__init__()
        self.config = {k: v for k, v in locals().items() if k not in ('self', '__class__')}

        if n_embd % n_head != 0:
            raise ValueError('n_embd must be divisible by n_head')

        self.max_seq_len = block_size
        self.token_emb = nn.Embedding(vocab_size, n_embd)
        self.pos_emb = nn.Embedding(block_size, n_embd)

        self.layers = nn.ModuleList([])
        for _ in range(n_layer):
            self.layers.append(nn.ModuleList([
                PreNorm(n_embd, Attention(n_embd, heads = n_head)),
                PreNorm(n_embd, FeedForward(n_embd))
            ]))

        self.to_logits = nn.Sequential(
            nn.LayerNorm(n_embd),
            nn.Linear(n_embd, vocab_size)
        )

    def forward(self, ids):
        n, device = ids.shape[1], ids.device
        if n > self.max_seq_len:
            raise ValueError(f'sequence of {n} is longer than {self.max_seq_len}')

        x = self.token_emb(ids)
        x = x + self.pos_emb(torch.arange(n, device = device))

        for attn, ff in self.layers:
            x = attn(x) + x
            x = ff(x) + x

        return self.to_logits(x)
