"""GPT, every contraction spelled out as an einsum.

Letters: b batch, q query position, k key position, t any position, h head, d number inside a head,
c channel of the residual stream, p part (0 query, 1 key, 2 value), f hidden unit, y vocabulary.
"""
import torch
from torch import einsum, nn


def future(T, like):
    """(q, k): 0 where a query may look, -inf where it may not."""
    return torch.full((T, T), float("-inf"), dtype=like.dtype, device=like.device).triu(1)


def causal_attention(q, k, v):
    # half of the scale goes to each side, so that the products never get big
    root = q.shape[-1] ** -0.25
    # (b h q d), (b h k d) -> (b h q k)
    logits = einsum("bhqd,bhkd->bhqk", q * root, k * root)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # hide the future, then normalise over k
    weights = (logits + future(q.shape[-2], logits)).softmax(dim=-1)
    # (b h q k), (b h k d) -> (b h q d)
    return einsum("bhqk,bhkd->bhqd", weights, v), weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.shape = (n_head, n_embd // n_head)  # h, d
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        h, d = self.shape
        c = x.shape[-1]
        # project and split into heads in one contraction: (b t c), (p h d c) -> (p b h t d)
        w = self.qkv.weight.view(3, h, d, c)
        bias = self.qkv.bias.view(3, 1, h, 1, d)
        q, k, v = einsum("btc,phdc->pbhtd", x, w) + bias
        mixed, _ = causal_attention(q, k, v)
        # join the heads and project in one contraction: (b h t d), (c h d) -> (b t c)
        w = self.output.weight.view(c, h, d)
        return einsum("bhtd,chd->btc", mixed, w) + self.output.bias


class MLP(nn.Module):
    def __init__(self, n_embd):
        super().__init__()
        self.up = nn.Linear(n_embd, 4 * n_embd)
        self.down = nn.Linear(4 * n_embd, n_embd)

    def forward(self, x):
        # (b t c), (f c) -> (b t f)
        hidden = nn.functional.gelu(einsum("btc,fc->btf", x, self.up.weight) + self.up.bias)
        # (b t f), (c f) -> (b t c)
        return einsum("btf,cf->btc", hidden, self.down.weight) + self.down.bias


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1, self.attention = nn.LayerNorm(n_embd), SelfAttention(n_embd, n_head)
        self.norm_2, self.mlp = nn.LayerNorm(n_embd), MLP(n_embd)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.mlp(self.norm_2(x))


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        d, rest = divmod(n_embd, n_head)
        if rest:
            raise ValueError(f"{n_head} heads cannot share {n_embd} channels: {rest} left over")
        self.config = {
            "vocab_size": vocab_size, "n_embd": n_embd, "n_head": n_head,
            "n_layer": n_layer, "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        t, limit = ids.shape[-1], self.config["block_size"]
        if t > limit:
            raise ValueError(f"{t} tokens do not fit into {limit} positions")
        # (b t) -> (b t c), plus (t c)
        x = self.token_embedding(ids) + self.position_embedding.weight[:t]
        for block in self.blocks:
            x = block(x)
        # (b t c), (y c) -> (b t y)
        return einsum("btc,yc->bty", self.norm(x), self.head.weight) + self.head.bias
