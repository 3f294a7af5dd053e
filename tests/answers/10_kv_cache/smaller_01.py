import math

import torch


class KVCache:
    def __init__(self, model):
        # One slot per block; later each holds a tensor (B, n_head, length, D).
        # The lists are made here, so every cache has its own.
        self.keys = [None] * len(model.blocks)
        self.values = [None] * len(model.blocks)
        # How many tokens are stored, the same number for every block.
        self.length = 0


def attention_with_cache(attention, x, n_head, old_keys, old_values):
    # Only the new tokens go through the projection.
    q, k, v = attention.qkv(x).chunk(3, dim=-1)
    B, t, C = q.shape
    D = C // n_head

    # Split into heads: (B, t, C) -> (B, n_head, t, D).
    q = q.reshape(B, t, n_head, D).transpose(1, 2)
    k = k.reshape(B, t, n_head, D).transpose(1, 2)
    v = v.reshape(B, t, n_head, D).transpose(1, 2)

    # Put the new keys and values behind the old ones: (B, n_head, start + t, D).
    if old_keys is not None:
        k = torch.cat([old_keys, k], dim=2)
        v = torch.cat([old_values, v], dim=2)
    start = k.size(2) - t

    # One row per new token, one column per old or new token.
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)

    # Row i is position start + i; every column after it is in the future.
    rows = torch.arange(start, start + t, device=x.device).unsqueeze(1)
    columns = torch.arange(start + t, device=x.device).unsqueeze(0)
    scores = scores.masked_fill(columns > rows, float("-inf"))

    # Average the values, then put the heads side by side: (B, t, C).
    y = torch.softmax(scores, dim=-1) @ v
    y = y.transpose(1, 2).reshape(B, t, C)

    # The longer keys and values go back to the caller, who stores them.
    return attention.output(y), k, v


@torch.no_grad()
def forward_with_cache(model, ids, cache):
    B, t = ids.shape
    start = cache.length

    # Check first, before anything changes.
    if start + t > model.config["block_size"]:
        raise ValueError(
            f"{start} cached + {t} new tokens is more than "
            f"block_size {model.config['block_size']}"
        )

    # The first new token stands at position start, not at 0.
    places = torch.arange(start, start + t, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(places)

    # Collect the longer keys and values here; the cache stays untouched for now.
    keys, values = [], []
    for i, block in enumerate(model.blocks):
        # Each block uses its own slot of the cache.
        y, k, v = attention_with_cache(
            block.attention,
            block.norm_1(x),
            model.config["n_head"],
            cache.keys[i],
            cache.values[i],
        )
        keys.append(k)
        values.append(v)
        x = x + y
        x = x + block.mlp(block.norm_2(x))
    logits = model.head(model.norm(x))

    # All blocks went well: store everything at once.
    cache.keys, cache.values = keys, values
    cache.length = start + t
    return logits


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None,
                    generator=None):
    # "not >=" also catches NaN, for which every comparison is False.
    if not temperature >= 0:
        raise ValueError("temperature must be 0 or more, and not NaN")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")

    block_size = model.config["block_size"]
    # Work on a copy, so the caller's ids stay as they are.
    text = ids.clone()
    cache = KVCache(model)

    # Remember the mode of every part, as some may differ from the model's own.
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        for _ in range(max_new_tokens):
            if text.size(1) <= block_size:
                # Unseen ids: the whole prompt at first, then one token each time.
                logits = forward_with_cache(model, text[:, cache.length:], cache)
            else:
                # The window has moved, so the cache is of no more use.
                logits = model(text[:, -block_size:])
            # Only the logits after the last token matter: (1, V).
            logits = logits[:, -1, :]

            if temperature == 0:
                next_id = logits.argmax(dim=-1, keepdim=True)
            else:
                # Taking off the maximum does not change the softmax; with the
                # floor of 1e-30 it keeps tiny temperatures from giving NaN.
                best = logits.max(dim=-1, keepdim=True).values
                scaled = (logits - best) / max(temperature, 1e-30)
                if top_k is not None:
                    # Keep exactly the k best (at most V); the rest get probability 0.
                    k = min(top_k, logits.size(-1))
                    kept = logits.topk(k, dim=-1).indices
                    only_kept = torch.full_like(scaled, float("-inf"))
                    scaled = only_kept.scatter(-1, kept, scaled.gather(-1, kept))
                probs = torch.softmax(scaled, dim=-1)
                next_id = torch.multinomial(probs, 1, generator=generator)

            # cat makes a new tensor; keep the dtype of the given ids.
            text = torch.cat([text, next_id.to(text.dtype)], dim=1)
    finally:
        # Runs after an error too.
        for module, mode in modes:
            module.training = mode
    return text
