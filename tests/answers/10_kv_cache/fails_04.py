import math
from typing import List, Optional, Tuple

import torch
from torch import Tensor


class LayerCache(object):
    """Holds the keys and values of exactly one layer."""

    def __init__(self) -> None:
        self._keys: Optional[Tensor] = None
        self._values: Optional[Tensor] = None

    def isEmpty(self) -> bool:
        return self._keys is None

    def getKeys(self) -> Tensor:
        return self._keys

    def getValues(self) -> Tensor:
        return self._values

    def append(self, newKeys: Tensor, newValues: Tensor) -> None:
        if self.isEmpty():
            self._keys = newKeys
            self._values = newValues
        else:
            self._keys = torch.cat((self._keys, newKeys), dim=-2)
            self._values = torch.cat((self._values, newValues), dim=-2)


class KVCache(object):
    def __init__(self, model) -> None:
        self._length: int = 0
        self._layerCaches: List[LayerCache] = []
        for _ in range(len(model.blocks)):
            self._layerCaches.append(LayerCache())

    @property
    def length(self) -> int:
        return self._length

    def getLayerCache(self, index: int) -> LayerCache:
        return self._layerCaches[index]

    def incrementLength(self, by: int) -> None:
        self._length = self._length + by


class HeadSplitter(object):
    def __init__(self, numberOfHeads: int) -> None:
        self._numberOfHeads = numberOfHeads

    def split(self, tensor: Tensor) -> Tensor:
        b, t, c = tensor.size()
        return tensor.reshape(b, t, self._numberOfHeads, c // self._numberOfHeads).permute(0, 2, 1, 3)

    def merge(self, tensor: Tensor) -> Tensor:
        return tensor.permute(0, 2, 1, 3).flatten(2)


class CachedForwardPass(object):
    def __init__(self, model, cache: KVCache) -> None:
        self._model = model
        self._cache = cache
        self._splitter = HeadSplitter(model.config["n_head"])

    def _validate(self, numberOfNewTokens: int) -> None:
        maximum = self._model.config["block_size"]
        if self._cache.length + numberOfNewTokens > maximum:
            raise ValueError("The text is longer than block_size (" + str(maximum) + ").")

    def _embed(self, ids: Tensor) -> Tensor:
        first = self._cache.length
        last = first + ids.size(1)
        positions = torch.arange(first, last, device=ids.device).unsqueeze(0)
        return self._model.token_embedding(ids) + self._model.position_embedding(positions)

    def _isVisible(self, rows: int, columns: int, device) -> Tensor:
        allVisible = torch.ones((rows, columns), dtype=torch.bool, device=device)
        return torch.tril(allVisible, diagonal=columns - rows)

    def _attend(self, attention, x: Tensor, layerCache: LayerCache) -> Tensor:
        parts: Tuple[Tensor, ...] = torch.chunk(attention.qkv(x), 3, dim=2)
        queries = self._splitter.split(parts[0])
        layerCache.append(self._splitter.split(parts[1]), self._splitter.split(parts[2]))
        keys = layerCache.getKeys()
        values = layerCache.getValues()
        scores = torch.matmul(queries, keys.transpose(2, 3)).div(math.sqrt(queries.size(3)))
        visible = self._isVisible(scores.size(2), scores.size(3), scores.device)
        scores = torch.where(visible, scores, torch.full_like(scores, float("-inf")))
        return attention.output(self._splitter.merge(torch.matmul(scores.softmax(dim=3), values)))

    def execute(self, ids: Tensor) -> Tensor:
        self._validate(ids.size(1))
        with torch.no_grad():
            x = self._embed(ids)
            for index, block in enumerate(self._model.blocks):
                x = x + self._attend(block.attention, block.norm_1(x), self._cache.getLayerCache(index))
                x = x + block.mlp(block.norm_2(x))
            result = self._model.head(self._model.norm(x))
        self._cache.incrementLength(ids.size(1))
        return result


def forward_with_cache(model, ids, cache):
    return CachedForwardPass(model, cache).execute(ids)


class TokenChooser(object):
    def __init__(self, temperature: float, topK: Optional[int], generator) -> None:
        if math.isnan(temperature) or temperature < 0:
            raise ValueError("temperature must not be negative")
        if topK is not None and topK <= 0:
            raise ValueError("top_k must be positive")
        self._temperature = temperature
        self._topK = topK
        self._generator = generator

    def choose(self, scores: Tensor) -> Tensor:
        if self._temperature == 0:
            return scores.argmax(dim=1).view(1, 1)
        candidates = None
        if self._topK is not None:
            scores, candidates = scores.topk(min(self._topK, scores.size(1)), dim=1)
        probabilities = (scores / self._temperature).softmax(dim=1)
        drawn = torch.multinomial(probabilities, 1, generator=self._generator)
        return drawn if candidates is None else candidates.gather(1, drawn)


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    chooser = TokenChooser(temperature, top_k, generator)
    blockSize: int = model.config["block_size"]
    wasTraining: bool = model.training
    model.eval()
    try:
        cache = KVCache(model)
        text = ids
        for counter in range(max_new_tokens):
            if text.size(1) <= blockSize:
                unseen = text[:, cache.length :]
                scores = forward_with_cache(model, unseen, cache)
            else:
                freshCache = KVCache(model)
                scores = forward_with_cache(model, text[:, text.size(1) - blockSize :], freshCache)
            text = torch.cat((text, chooser.choose(scores[:, -1])), dim=1)
    finally:
        model.train(wasTraining)
    return text
