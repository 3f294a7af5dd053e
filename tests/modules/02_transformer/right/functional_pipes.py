"""MiniGPT for people who like small functions: everything is a pipe of functions from tensor to tensor."""

from collections import OrderedDict
from functools import reduce

import torch
from torch import nn


def pipe(value, *steps):
    """pipe(x, f, g, h) is h(g(f(x)))."""
    return reduce(lambda current, step: step(current), steps, value)


# (T,) -> (T, T), True where the row's token may see the column's token
visible = lambda places: places.unsqueeze(1) >= places.unsqueeze(0)

# softmax as exp(x - log(sum(exp(x)))), over the last dimension
softmax = lambda scores: (scores - scores.logsumexp(dim=-1, keepdim=True)).exp()


def causal_attention(q, k, v):
    T, D = q.shape[-2:]
    weights = pipe(
        torch.einsum("bhid,bhjd->bhij", q, k),                                # (B, H, T, T)
        # not too large, or the softmax is too sharp
        lambda scores: scores / D**0.5,
        # no view of the future
        lambda scores: torch.where(visible(torch.arange(T, device=q.device)), scores, -torch.inf),
        # a distribution for every row
        softmax,
    )  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    return torch.einsum("bhij,bhjd->bhid", weights, v), weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    # (B, T, C) -> (B, T, H, D) -> (B, H, T, D)
    def split(self, x):
        return x.unflatten(2, (self.n_head, -1)).movedim(2, 1)

    # and all the way back
    def join(self, x):
        return x.movedim(1, 2).flatten(2)

    def forward(self, x):
        return pipe(
            x,
            self.qkv,
            lambda fused: map(self.split, fused.tensor_split(3, dim=-1)),
            lambda heads: causal_attention(*heads)[0],
            self.join,
            self.output,
        )


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            OrderedDict(
                widen=nn.Linear(n_embd, 4 * n_embd),
                bend=nn.GELU(),
                narrow=nn.Linear(4 * n_embd, n_embd),
            )
        )

    def forward(self, x):
        # Two steps of the same form: what was there, plus what the part makes of the normed input.
        pairs = [(self.norm_1, self.attention), (self.norm_2, self.mlp)]
        return pipe(x, *[lambda x, norm=norm, part=part: x + part(norm(x)) for norm, part in pairs])


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        # The arguments are the configuration, so take them as they stand.
        config = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        super().__init__()
        if divmod(n_embd, n_head)[1]:
            raise ValueError(f"need n_head to divide n_embd, got {config}")
        self.config = config
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(map(lambda _: Block(n_embd, n_head), range(n_layer)))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def embed(self, ids):
        # (B, T) -> (B, T, C)
        places = torch.arange(ids.shape[-1], device=ids.device)
        return self.token_embedding(ids) + self.position_embedding(places)

    def forward(self, ids):
        if ids.shape[-1] > self.config["block_size"]:
            raise ValueError(f"{ids.shape[-1]} tokens are more than block_size={self.config['block_size']}")
        # (B, T) -> (B, T, C) -> ... -> (B, T, vocab_size)
        return pipe(ids, self.embed, *self.blocks, self.norm, self.head)
