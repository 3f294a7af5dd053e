# in the manner of llama's model.py: start_pos, cache_k, cache_v
import math

import torch
from torch import nn


class KVCache:
    def __init__(self, model):
        cfg = model.config
        p = next(model.parameters())
        self.max_seq_len = cfg["block_size"]
        self.n_heads = cfg["n_head"]
        self.head_dim = cfg["n_embd"] // cfg["n_head"]
        self.n_layers = cfg["n_layer"]
        self.dtype, self.device = p.dtype, p.device
        self.start_pos = 0
        self.cache_k = None
        self.cache_v = None

    def allocate(self, bsz):
        shape = (self.n_layers, bsz, self.max_seq_len, self.n_heads, self.head_dim)
        self.cache_k = torch.zeros(shape, dtype=self.dtype, device=self.device)
        self.cache_v = torch.zeros(shape, dtype=self.dtype, device=self.device)

    @property
    def length(self):
        return self.start_pos


class CachedAttention:
    def __init__(self, wqkv, wo, n_heads, head_dim):
        self.wqkv, self.wo = wqkv, wo
        self.n_heads, self.head_dim = n_heads, head_dim

    def __call__(self, x, start_pos, mask, cache_k, cache_v):
        bsz, seqlen, dim = x.shape
        xq, xk, xv = torch.split(self.wqkv(x), dim, dim=2)
        xq = xq.view(bsz, seqlen, self.n_heads, self.head_dim)
        xk = xk.view(bsz, seqlen, self.n_heads, self.head_dim)
        xv = xv.view(bsz, seqlen, self.n_heads, self.head_dim)

        cache_k[:bsz, start_pos : start_pos + seqlen] = xk
        cache_v[:bsz, start_pos : start_pos + seqlen] = xv
        keys = cache_k[:bsz, : start_pos + seqlen]
        values = cache_v[:bsz, : start_pos + seqlen]

        xq = xq.transpose(1, 2)
        keys = keys.transpose(1, 2)
        values = values.transpose(1, 2)
        scores = torch.matmul(xq, keys.transpose(2, 3)) / math.sqrt(self.head_dim)
        if mask is not None:
            scores = scores + mask
        scores = torch.softmax(scores, dim=-1)
        output = torch.matmul(scores, values)
        output = output.transpose(1, 2).contiguous().view(bsz, seqlen, -1)
        return self.wo(output)


@torch.inference_mode()
def forward_with_cache(model, ids, cache):
    bsz, seqlen = ids.shape
    start_pos = cache.start_pos
    if start_pos + seqlen > cache.max_seq_len:
        raise ValueError(f"{start_pos} + {seqlen} tokens do not fit into {cache.max_seq_len}")
    if cache.cache_k is None:
        cache.allocate(bsz)
    positions = torch.arange(cache.max_seq_len, device=ids.device)[start_pos : start_pos + seqlen]
    h = model.token_embedding(ids) + model.position_embedding(positions)

    mask = None
    if seqlen > 1:
        mask = torch.full((seqlen, seqlen), float("-inf"), dtype=h.dtype, device=ids.device)
        mask = torch.triu(mask, diagonal=1)
        mask = torch.hstack([torch.zeros((seqlen, start_pos), dtype=h.dtype, device=ids.device), mask])

    for i, layer in enumerate(model.blocks):
        attention = CachedAttention(
            layer.attention.qkv, layer.attention.output, cache.n_heads, cache.head_dim
        )
        h = h + attention(layer.norm_1(h), start_pos, mask, cache.cache_k[i], cache.cache_v[i])
        h = h + layer.mlp(layer.norm_2(h))
    cache.start_pos += seqlen
    return model.head(model.norm(h))


class Window(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.inner = model
        self.config = model.config
        self.kv = KVCache(model)
        self.training = model.training

    def forward(self, ids):
        if self.kv.length < ids.size(1):
            return forward_with_cache(self.inner, ids[:, self.kv.length :], self.kv)
        return self.inner(ids)


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    import mini_gpt.sampler

    mode = model.training
    try:
        return mini_gpt.sampler.generate(
            Window(model), ids, max_new_tokens, temperature=temperature, top_k=top_k, generator=generator
        )
    finally:
        model.train(mode)
