import math

import torch


class KVCache:
    def __init__(self, model):
        # One slot per block; None means "nothing kept yet". The lists belong to this cache alone.
        self.keys = [None] * len(model.blocks)
        self.values = [None] * len(model.blocks)
        # How many tokens the cache holds; it is the same number for every block.
        self.length = 0


def attention_with_cache(model, block, x, old_keys, old_values):
    B, t, _ = x.shape
    n_head = model.config["n_head"]

    # Queries, keys and values of the new tokens only, each (B, t, C).
    q, k, v = block.attention.qkv(x).chunk(3, dim=-1)
    C = q.shape[-1]
    D = C // n_head

    # Split into heads: (B, t, C) -> (B, n_head, t, D).
    q = q.view(B, t, n_head, D).transpose(1, 2)
    k = k.view(B, t, n_head, D).transpose(1, 2)
    v = v.view(B, t, n_head, D).transpose(1, 2)

    # Put the new keys and values behind the old ones, along the token dimension.
    if old_keys is not None:
        k = torch.cat([old_keys, k], dim=2)
        v = torch.cat([old_values, v], dim=2)
    start = k.shape[2] - t

    # t rows, start + t columns: new token i may see columns 0 to start + i.
    visible = torch.ones(t, start + t, dtype=torch.bool, device=x.device).tril(diagonal=start)

    # Compare each new query with all keys, old and new: (B, n_head, t, start + t).
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)
    # A score of -inf becomes a weight of 0 in the softmax.
    scores = scores.masked_fill(~visible, float("-inf"))
    y = torch.softmax(scores, dim=-1) @ v

    # Heads side by side again: (B, n_head, t, D) -> (B, t, C).
    y = y.transpose(1, 2).reshape(B, t, C)
    # Also return the longer keys and values, so that the caller can store them.
    return block.attention.output(y), k, v


@torch.no_grad()
def forward_with_cache(model, ids, cache):
    start = cache.length
    t = ids.shape[1]
    block_size = model.config["block_size"]
    # Check first, while nothing has changed yet.
    if start + t > block_size:
        raise ValueError(f"{start} cached + {t} new tokens are more than block_size {block_size}")

    # The new tokens stand behind the cached ones.
    places = torch.arange(start, start + t, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(places)

    # Collect the results here; the cache itself is only changed at the end.
    all_keys, all_values = [], []
    for block, old_keys, old_values in zip(model.blocks, cache.keys, cache.values):
        attended, keys, values = attention_with_cache(
            model, block, block.norm_1(x), old_keys, old_values
        )
        x = x + attended
        x = x + block.mlp(block.norm_2(x))
        all_keys.append(keys)
        all_values.append(values)
    logits = model.head(model.norm(x))

    # Everything worked: store keys, values and length together.
    cache.keys = all_keys
    cache.values = all_values
    cache.length = start + t
    return logits


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # Written with "not", because every comparison with NaN is False.
    if not temperature >= 0:
        raise ValueError("temperature must be 0 or larger")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")

    block_size = model.config["block_size"]
    cache = KVCache(model)
    # A copy, so that the result never shares memory with the caller's ids.
    text = ids.clone()

    # Remember the mode of every part, because single parts may differ from the whole.
    old_modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        for _ in range(max_new_tokens):
            if text.shape[1] <= block_size:
                # Only the ids that the cache has not seen yet.
                logits = forward_with_cache(model, text[:, cache.length:], cache)
            else:
                # The positions have shifted, so the cache is of no use any more.
                logits = model(text[:, -block_size:])
            # Only the logits after the last token matter: (1, V).
            last = logits[:, -1, :]

            if temperature == 0:
                next_id = last.argmax(dim=-1, keepdim=True)
            else:
                # Subtracting the maximum does not change the softmax; with the lower
                # limit "tiny" it keeps very small temperatures from giving NaN.
                tiny = torch.finfo(last.dtype).tiny
                scaled = (last - last.max()) / max(temperature, tiny)
                if top_k is not None:
                    # Exactly k tokens are kept, even if some logits are equal.
                    kept = last.topk(min(top_k, last.shape[-1]), dim=-1).indices
                    dropped = torch.ones_like(last, dtype=torch.bool).scatter(-1, kept, False)
                    scaled = scaled.masked_fill(dropped, float("-inf"))
                probabilities = torch.softmax(scaled, dim=-1)
                next_id = torch.multinomial(probabilities, 1, generator=generator)

            # cat builds a new tensor; the caller's ids stay as they are.
            text = torch.cat([text, next_id], dim=1)
    finally:
        # Runs after an error too.
        for module, mode in old_modes:
            module.training = mode
    return text
