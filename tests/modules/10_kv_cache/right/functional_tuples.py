from functools import reduce
from itertools import starmap
from math import sqrt, nan

import torch

EMPTY = ()


class KVCache:
    def __init__(self, model):
        self.state = (0, EMPTY)  # (length, ((k, v), ...))

    length = property(lambda self: self.state[0])


def heads(n):
    return lambda x: x.unflatten(-1, (n, -1)).movedim(-2, 1)  # (B, t, C) -> (B, H, t, D)


def extend(old, new):
    return tuple(starmap(lambda a, b: torch.cat((a, b), 2), zip(old, new))) if old else new


def look_back(q, k, v):
    t, T = q.shape[2], k.shape[2]
    ahead = torch.arange(T, device=q.device) > torch.arange(T - t, T, device=q.device).unsqueeze(1)
    scores = torch.einsum("bhtd,bhsd->bhts", q, k) / sqrt(q.shape[3])
    return torch.einsum("bhts,bhsd->bhtd", scores.masked_fill(ahead, -torch.inf).softmax(3), v)


def step(split):
    def through(carried, layer):
        x, kept = carried
        block, old = layer
        q, k, v = map(split, block.attention.qkv(block.norm_1(x)).chunk(3, 2))
        pair = extend(old, (k, v))
        x = x + block.attention.output(look_back(q, *pair).movedim(1, 2).flatten(2))
        return x + block.mlp(block.norm_2(x)), (*kept, pair)

    return through


def run(model, ids, state):
    length, pairs = state
    end = length + ids.shape[1]
    if end > model.config["block_size"]:
        raise ValueError(f"{end} tokens, but block_size is {model.config['block_size']}")
    x = model.token_embedding(ids) + model.position_embedding(torch.arange(length, end, device=ids.device))
    layers = zip(model.blocks, pairs or (EMPTY,) * len(model.blocks))
    x, kept = reduce(step(heads(model.config["n_head"])), layers, (x, ()))
    return model.head(model.norm(x)), (end, kept)


def forward_with_cache(model, ids, cache):
    with torch.no_grad():
        logits, cache.state = run(model, ids, cache.state)
    return logits


def chooser(temperature, top_k, generator):
    if not 0 <= temperature:
        raise ValueError(f"temperature {temperature} is below 0")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k {top_k} is below 1")
    keep = lambda s: s if top_k is None else s.where(
        s >= s.topk(min(top_k, s.shape[-1])).values[:, -1:], torch.tensor(-torch.inf, dtype=s.dtype))
    draw = lambda s: torch.multinomial((keep(s) / temperature).softmax(-1), 1, generator=generator)
    return draw if temperature else lambda s: s.argmax(-1, True)


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    choose, size, mode = chooser(temperature, top_k, generator), model.config["block_size"], model.training

    def one_more(carried, _):
        text, state = carried
        if text.shape[1] > size:
            logits, _ = run(model, text[:, -size:], (0, EMPTY))
        else:
            logits, state = run(model, text[:, state[0]:], state)
        return torch.cat((text, choose(logits[:, -1])), 1), state

    try:
        with torch.no_grad():
            return reduce(one_more, range(max_new_tokens), (ids, (0, EMPTY)))[0] if model.eval() else None
    finally:
        model.train(mode)
