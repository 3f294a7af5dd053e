from __future__ import annotations

import math
from dataclasses import InitVar, dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class LayerKV:
    k: Tensor | None = None
    v: Tensor | None = None

    def extended(self, k: Tensor, v: Tensor) -> LayerKV:
        if self.k is None or self.v is None:
            return LayerKV(k, v)
        return LayerKV(torch.cat((self.k, k), dim=2), torch.cat((self.v, v), dim=2))


@dataclass
class KVCache:
    model: InitVar[nn.Module]
    layers: list[LayerKV] = field(init=False, default_factory=list)
    length: int = field(init=False, default=0)

    def __post_init__(self, model: nn.Module) -> None:
        self.layers = [LayerKV() for _ in model.blocks]


@dataclass(frozen=True)
class Sampling:
    temperature: float
    top_k: int | None
    generator: torch.Generator | None

    def __post_init__(self) -> None:
        if math.isnan(self.temperature) or self.temperature < 0:
            raise ValueError(f"temperature must be at least 0, got {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k must be at least 1, got {self.top_k}")

    def pick(self, logits: Tensor) -> Tensor:
        if self.temperature == 0:
            return logits.argmax(dim=-1, keepdim=True)
        logits = logits / self.temperature
        if self.top_k is not None and self.top_k < logits.shape[-1]:
            values, indices = logits.topk(self.top_k, dim=-1)
            logits = torch.full_like(logits, -math.inf).scatter(-1, indices, values)
        return torch.multinomial(F.softmax(logits, dim=-1), 1, generator=self.generator)


def _split_heads(x: Tensor, n_head: int) -> Tensor:
    B, t, C = x.shape
    return x.view(B, t, n_head, C // n_head).transpose(1, 2)


def forward_with_cache(model: nn.Module, ids: Tensor, cache: KVCache) -> Tensor:
    """Run only the new tokens through the model. The cache is updated once all went well."""
    t = ids.shape[1]
    total = cache.length + t
    if total > (limit := model.config["block_size"]):
        raise ValueError(f"{total} tokens do not fit into block_size {limit}")
    n_head: int = model.config["n_head"]
    updated: list[LayerKV] = []
    with torch.no_grad():
        positions = torch.arange(cache.length, total, device=ids.device)
        x = model.token_embedding(ids) + model.position_embedding(positions)
        allowed = torch.ones(total, total, dtype=torch.bool, device=ids.device).tril()[-t:]
        for block, layer in zip(model.blocks, cache.layers, strict=True):
            q, k, v = (_split_heads(p, n_head) for p in block.attention.qkv(block.norm_1(x)).chunk(3, dim=-1))
            layer = layer.extended(k, v)
            updated.append(layer)
            y = F.scaled_dot_product_attention(q, layer.k, layer.v, attn_mask=allowed)
            x = x + block.attention.output(y.transpose(1, 2).flatten(2))
            x = x + block.mlp(block.norm_2(x))
        logits = model.head(model.norm(x))
    cache.layers, cache.length = updated, total
    return logits


def generate_cached(
    model: nn.Module,
    ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    sampling = Sampling(temperature, top_k, generator)
    limit = model.config["block_size"]
    was_training = model.training
    model.eval()
    try:
        cache = KVCache(model)
        for _ in range(max_new_tokens):
            if ids.shape[1] > limit:
                cache, new = KVCache(model), ids[:, -limit:]
            else:
                new = ids[:, cache.length :]
            logits = forward_with_cache(model, new, cache)
            ids = torch.cat((ids, sampling.pick(logits[:, -1])), dim=1)
        return ids
    finally:
        model.train(was_training)
