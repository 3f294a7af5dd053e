"""A GPT as pure functions of (params, inputs). The nn.Modules at the end only own the parameters.

A params dict is flat, as PyTorch names things: {"blocks.0.norm_1.weight": (C,), ...}.
"""

from functools import reduce

import torch
from torch import nn
from torch.func import vmap


# ---- one head of one sequence, no batch axes: (T, D) -------------------------------------------


def attend(q, k, v):
    T, D = q.shape
    # (T, D) @ (D, T) -> (T, T)
    scores = (q @ k.T) / D**0.5
    # query i may see key j when j <= i
    i, j = torch.arange(T, device=q.device)[:, None], torch.arange(T, device=q.device)[None, :]
    scores = torch.where(j <= i, scores, -torch.inf)
    weights = torch.softmax(scores, dim=-1)
    # (T, T) @ (T, D) -> (T, D)
    return weights @ v, weights


def causal_attention(q, k, v):
    # the two outer axes, B and H, are mapped away
    return vmap(vmap(attend))(q, k, v)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?


# ---- layers: f(params, x) -> x -----------------------------------------------------------------


def sub(params, scope):
    """The params below a scope, with the scope cut off their names."""
    start = scope + "."
    return {name[len(start):]: p for name, p in params.items() if name.startswith(start)}


def linear(params, x):
    return x @ params["weight"].T + params["bias"]


def layer_norm(params, x, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    return (x - mean) * torch.rsqrt(var + eps) * params["weight"] + params["bias"]


def gelu(x):
    return 0.5 * x * (1.0 + torch.erf(x / 2**0.5))


def mlp(params, x):
    # (B, T, C) -> (B, T, 4C) -> (B, T, C)
    return linear(sub(params, "2"), gelu(linear(sub(params, "0"), x)))


def self_attention(params, x, n_head):
    B, T, C = x.shape
    # (B, T, 3C) -> 3 x (B, T, C) -> 3 x (B, H, T, D)
    parts = linear(sub(params, "qkv"), x).tensor_split(3, dim=-1)
    heads = [part.unflatten(-1, (n_head, C // n_head)).swapaxes(1, 2) for part in parts]
    out, _ = causal_attention(*heads)
    # (B, H, T, D) -> (B, T, C)
    return linear(sub(params, "output"), out.swapaxes(1, 2).flatten(start_dim=2))


def block(params, x, n_head):
    x = x + self_attention(sub(params, "attention"), layer_norm(sub(params, "norm_1"), x), n_head)
    x = x + mlp(sub(params, "mlp"), layer_norm(sub(params, "norm_2"), x))
    return x


def gpt(params, ids, n_head, n_layer):
    T = ids.shape[1]
    # (B, T) -> (B, T, C)
    x = params["token_embedding.weight"][ids] + params["position_embedding.weight"][:T]
    layers = [sub(params, f"blocks.{n}") for n in range(n_layer)]
    # thread the activations through the layers, as lax.scan would
    x = reduce(lambda carry, layer: block(layer, carry, n_head), layers, x)
    logits = linear(sub(params, "head"), layer_norm(sub(params, "norm"), x))
    # (B, T, C) -> (B, T, vocab_size)
    return logits


# ---- owners of parameters ----------------------------------------------------------------------


def params_of(module):
    return dict(module.named_parameters())


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        return self_attention(params_of(self), x, self.n_head)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd)
        )

    def forward(self, x):
        return block(params_of(self), x, self.n_head)


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        hparams = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd={n_embd} must be a multiple of n_head={n_head}")
        self.config = hparams
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        if ids.shape[1] > self.config["block_size"]:
            raise ValueError(f"got {ids.shape[1]} tokens, block_size is {self.config['block_size']}")
        return gpt(params_of(self), ids, self.config["n_head"], self.config["n_layer"])
