"""A coroutine holds the cache: it is sent the next id, and yields the scores after it."""
import torch


class KVCache:
    def __init__(self, model):
        H = model.config["n_head"]
        D = model.config["n_embd"] // H
        # a first dimension of 0 texts: the first call brings the real ones
        w = model.head.weight
        self.pages = [w.new_empty(0, H, 0, 2 * D) for _ in model.blocks]

    def __len__(self):
        return self.pages[-1].shape[2]

    @property
    def length(self):
        return len(self)


def turn(pages, new):
    return new if pages.shape[2] == 0 else torch.cat([pages, new], dim=2)


@torch.no_grad()
def forward_with_cache(model, ids, cache):
    t, n, H = ids.shape[1], len(cache), model.config["n_head"]
    if n + t > model.config["block_size"]:
        raise ValueError(f"block_size reached: {n} + {t}")
    at = torch.arange(n, n + t, device=ids.device)
    x = model.token_embedding(ids).add(model.position_embedding(at))
    pages = []
    for block, page in zip(model.blocks, cache.pages):
        q, kv = block.attention.qkv(block.norm_1(x)).tensor_split([x.shape[-1]], dim=-1)
        q = q.unflatten(-1, (H, -1)).transpose(1, 2)
        k, v = (p.unflatten(-1, (H, -1)).transpose(1, 2) for p in kv.chunk(2, -1))
        pages.append(turn(page, torch.cat([k, v], -1)))
        k, v = pages[-1].chunk(2, -1)
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        scores[..., n:].masked_fill_(torch.ones(t, t, device=x.device).triu(1).bool(), -torch.inf)
        x = x + block.attention.output((scores.softmax(-1) @ v).transpose(1, 2).flatten(-2))
        x = x + block.mlp(block.norm_2(x))
    cache.pages = pages
    return model.head(model.norm(x))


def writer(model, ids):
    """Yield the scores of what follows. Send the id that was chosen."""
    size, cache, new = model.config["block_size"], KVCache(model), ids
    while True:
        if ids.shape[1] > size:
            with torch.no_grad():
                scores = model(ids[:, -size:])
        else:
            scores = forward_with_cache(model, new, cache)
        new = yield scores[:, -1]
        ids = torch.cat([ids, new], 1)


def pick(scores, temperature, top_k, generator):
    if temperature == 0:
        return scores.argmax(-1, keepdim=True)
    if top_k is not None:
        best = scores.topk(min(top_k, scores.shape[-1]), dim=-1)
        place = torch.multinomial((best.values / temperature).softmax(-1), 1, generator=generator)
        return best.indices.gather(-1, place)
    return torch.multinomial((scores / temperature).softmax(-1), 1, generator=generator)


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0:
        raise ValueError(f"temperature is {temperature}, it must not be below 0")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k is {top_k}, it must not be below 1")
    if max_new_tokens < 1:
        return ids.clone()
    mode = model.training
    model.eval()
    try:
        talk = writer(model, ids)
        chosen = [pick(next(talk), temperature, top_k, generator)]
        while len(chosen) < max_new_tokens:
            chosen.append(pick(talk.send(chosen[-1]), temperature, top_k, generator))
        return torch.cat([ids, *chosen], dim=1)
    finally:
        model.train(mode)
