import math

import torch


class KVCache:
    def __init__(self, model):
        # one slot per block, in lists made fresh here, so two caches share nothing
        self.keys = [None for _ in model.blocks]
        self.values = [None for _ in model.blocks]
        # how many tokens the cache holds; also the position of the next token
        self.length = 0


def attend(q, k, v, start):
    # q has t rows (new tokens only), k and v have start + t rows (old and new)
    t = q.size(-2)
    # scores: (..., t, start + t)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
    # row i is the token at place start + i, column j is the token at place j
    rows = torch.arange(start, start + t, device=q.device).unsqueeze(1)
    columns = torch.arange(start + t, device=q.device).unsqueeze(0)
    # a token must not see columns behind its own place
    scores = scores.masked_fill(columns > rows, float("-inf"))
    return torch.softmax(scores, dim=-1) @ v


def attention_with_cache(block, x, cache, index, n_head):
    B, t, C = x.shape

    # (B, t, C) -> (B, n_head, t, D)
    def split_heads(z):
        return z.view(B, t, n_head, C // n_head).transpose(1, 2)

    # queries, keys and values of the new tokens only
    q, k, v = (split_heads(z) for z in block.attention.qkv(x).chunk(3, dim=-1))
    # put the new keys and values behind the old ones, along the token dimension
    if cache.keys[index] is not None:
        k = torch.cat([cache.keys[index], k], dim=2)
        v = torch.cat([cache.values[index], v], dim=2)
    y = attend(q, k, v, cache.length)
    # heads side by side again: (B, n_head, t, D) -> (B, t, C)
    y = y.transpose(1, 2).reshape(B, t, C)
    # k and v are handed back and stored in Step 3, once all blocks have succeeded
    return block.attention.output(y), k, v


@torch.no_grad()
def forward_with_cache(model, ids, cache):
    start = cache.length
    t = ids.size(1)
    # check first, before anything changes
    if start + t > model.config["block_size"]:
        raise ValueError(
            f"{start} cached + {t} new tokens are more than "
            f"block_size {model.config['block_size']}"
        )
    # the new tokens stand at places start, ..., start + t - 1
    places = torch.arange(start, start + t, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(places)
    new_keys, new_values = [], []
    for index, block in enumerate(model.blocks):
        # the same as the normal block, but attention also uses the cache
        y, k, v = attention_with_cache(
            block, block.norm_1(x), cache, index, model.config["n_head"]
        )
        x = x + y
        x = x + block.mlp(block.norm_2(x))
        new_keys.append(k)
        new_values.append(v)
    logits = model.head(model.norm(x))
    # everything worked: store the longer keys and values, then the new length
    cache.keys = new_keys
    cache.values = new_values
    cache.length = start + t
    return logits


def choose_next(logits, temperature, top_k, generator):
    # temperature 0: simply the best token
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    # subtracting the maximum leaves the softmax the same,
    # but a very small temperature then cannot overflow to infinity
    scaled = (logits - logits.max(dim=-1, keepdim=True).values) / temperature
    if top_k is not None:
        # exactly the k best, even with ties; k may be larger than the vocabulary
        best = torch.topk(logits, min(top_k, logits.size(-1)), dim=-1).indices
        drop = torch.ones_like(logits, dtype=torch.bool).scatter(-1, best, False)
        # -inf becomes probability 0
        scaled = scaled.masked_fill(drop, float("-inf"))
    probabilities = torch.softmax(scaled, dim=-1)
    # with generator None, PyTorch's global generator is used; nothing is seeded
    return torch.multinomial(probabilities, num_samples=1, generator=generator)


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None,
                    generator=None):
    # written with "not" so that NaN is refused too (NaN >= 0 is False)
    if not temperature >= 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    block_size = model.config["block_size"]
    cache = KVCache(model)
    # a copy, so the result never shares memory with the caller's ids
    text = ids.clone()
    # remember the mode of every part: some may be in eval mode, others not
    old_modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        for _ in range(max_new_tokens):
            if text.size(1) <= block_size:
                # unseen ids: the whole prompt at first, then one token each time
                logits = forward_with_cache(model, text[:, cache.length:], cache)
            else:
                # too long for the cache: compute the last block_size ids afresh
                logits = model(text[:, -block_size:])
            # only the logits after the last token matter
            next_id = choose_next(logits[:, -1, :], temperature, top_k, generator)
            text = torch.cat([text, next_id.to(text.dtype)], dim=1)
    finally:
        # this also runs after an error
        for module, mode in old_modes:
            module.training = mode
    return text
