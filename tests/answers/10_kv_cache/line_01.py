import math

import torch
from torch import nn


class CachedBlock(nn.Module):
    """Wraps a block and owns the keys and values that it made."""

    def __init__(self, block, n_head):
        super().__init__()
        self.__dict__["block"] = block  # not registered: it belongs to the model
        self.n_head = n_head
        self.register_buffer("k", None)
        self.register_buffer("v", None)

    def split(self, x):
        return x.view(*x.shape[:2], self.n_head, -1).transpose(1, 2)

    def forward(self, x):
        a = self.block.attention
        q, k, v = map(self.split, a.qkv(self.block.norm_1(x)).chunk(3, dim=-1))
        self.k = k if self.k is None else torch.cat((self.k, k), dim=2)
        self.v = v if self.v is None else torch.cat((self.v, v), dim=2)
        t, T = q.size(2), self.k.size(2)
        bias = torch.zeros(t, T, dtype=x.dtype, device=x.device)
        for i in range(t):
            bias[i, T - t + i + 1 :] = -math.inf
        att = torch.softmax(q @ self.k.transpose(2, 3) / math.sqrt(q.size(3)) + bias, dim=-1)
        y = (att @ self.v).transpose(1, 2).contiguous()
        x = x + a.output(y.view(x.shape))
        return x + self.block.mlp(self.block.norm_2(x))


class KVCache(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.layers = nn.ModuleList(CachedBlock(b, model.config["n_head"]) for b in model.blocks)

    @property
    def length(self):
        k = self.layers[0].k
        return 0 if k is None else k.size(2)


def forward_with_cache(model, ids, cache):
    begin = cache.length
    if begin + ids.size(1) > model.config["block_size"]:
        raise ValueError("longer than block_size")
    with torch.no_grad():
        place = torch.arange(ids.size(1), device=ids.device) + begin
        x = model.token_embedding(ids) + model.position_embedding(place)
        for layer in cache.layers:
            x = layer(x)
        return model.head(model.norm(x))


class Cached(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
        self.config = model.config
        self.forget()
        self.train(model.training)

    def forget(self):
        self.__dict__["cache"] = KVCache(self.model)

    def forward(self, ids):
        if ids.size(1) == self.cache.length:
            self.forget()
        return forward_with_cache(self.model, ids[:, self.cache.length :], self.cache)


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    from mini_gpt.sampler import generate

    training = model.training
    cached = Cached(model)
    try:
        return generate(cached, ids, max_new_tokens, temperature=temperature, top_k=top_k, generator=generator)
    finally:
        model.train(training)
