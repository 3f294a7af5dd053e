import torch


class KVCache:
    def __init__(self, model):
        # One slot per block; later each holds a tensor (B, n_head, length, D).
        # The lists are made here, per object, so two caches share nothing.
        self.keys = [None] * len(model.blocks)
        self.values = [None] * len(model.blocks)
        # Number of tokens that have passed through all blocks.
        self.length = 0


def cached_attention(model, layer, x, cache):
    # x is block.norm_1(...) of the new tokens only: (B, t, C).
    attention = model.blocks[layer].attention
    n_head = model.config["n_head"]
    B, t, C = x.shape
    D = C // n_head
    start = cache.length

    # Project the new tokens and split into heads: (B, n_head, t, D).
    q, k, v = attention.qkv(x).chunk(3, dim=-1)
    q = q.view(B, t, n_head, D).transpose(1, 2)
    k = k.view(B, t, n_head, D).transpose(1, 2)
    v = v.view(B, t, n_head, D).transpose(1, 2)

    if start > 0:
        # New keys and values go behind the old ones, along the token dimension.
        # [:start] drops leftovers if an earlier pass broke off halfway.
        k = torch.cat([cache.keys[layer][:, :, :start], k], dim=2)
        v = torch.cat([cache.values[layer][:, :, :start], v], dim=2)
    cache.keys[layer] = k
    cache.values[layer] = v

    # One row per new token, one column per known token: (B, n_head, t, start + t).
    scores = q @ k.transpose(-2, -1) / D**0.5
    # Row i is token start + i, so it may see the columns 0 to start + i.
    visible = torch.ones(t, start + t, dtype=torch.bool, device=x.device).tril(diagonal=start)
    # -inf becomes weight 0 in the softmax.
    scores = scores.masked_fill(~visible, float("-inf"))
    y = scores.softmax(dim=-1) @ v

    # Heads side by side again: (B, t, C).
    y = y.transpose(1, 2).reshape(B, t, C)
    return attention.output(y)


@torch.no_grad()
def forward_with_cache(model, ids, cache):
    t = ids.shape[1]
    start = cache.length
    block_size = model.config["block_size"]
    # Check first, so that the cache is untouched if this fails.
    if start + t > block_size:
        raise ValueError(
            f"{start} cached + {t} new tokens are more than block_size {block_size}"
        )

    # The new tokens continue counting where the cache ends.
    places = torch.arange(start, start + t, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(places)
    for layer, block in enumerate(model.blocks):
        x = x + cached_attention(model, layer, block.norm_1(x), cache)
        x = x + block.mlp(block.norm_2(x))
    logits = model.head(model.norm(x))

    # Only now: while the blocks run, all of them need the same old length.
    cache.length = start + t
    return logits


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # "not >= 0" is true for negative numbers and also for NaN.
    if not temperature >= 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")

    block_size = model.config["block_size"]
    # A copy, so the result never shares memory with the caller's ids.
    text = ids.clone()
    cache = KVCache(model)
    # Remember the mode of every module: parts of a model can differ.
    old_modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        for _ in range(max_new_tokens):
            if text.shape[1] <= block_size:
                # Unseen ids: the whole prompt at first, then one token each time.
                logits = forward_with_cache(model, text[:, cache.length:], cache)
            else:
                # The window slides, positions change: compute it all anew.
                logits = model(text[:, -block_size:])
            # Only the last token predicts the next one: (1, V).
            logits = logits[:, -1, :]

            if temperature == 0:
                next_id = logits.argmax(dim=-1, keepdim=True)
            else:
                # Subtracting the maximum leaves the softmax the same; with the
                # lower limit it prevents overflow at tiny temperatures.
                divisor = max(temperature, torch.finfo(logits.dtype).tiny)
                scaled = (logits - logits.max(dim=-1, keepdim=True).values) / divisor
                if top_k is not None:
                    # Choose by index: exactly k stay, even if values are equal.
                    best = logits.topk(min(top_k, logits.shape[-1]), dim=-1).indices
                    drop = torch.ones_like(logits, dtype=torch.bool).scatter(-1, best, False)
                    scaled = scaled.masked_fill(drop, float("-inf"))
                probs = scaled.softmax(dim=-1)
                next_id = torch.multinomial(probs, num_samples=1, generator=generator)

            # cat makes a new tensor; nothing is written into the old one.
            text = torch.cat([text, next_id], dim=1)
    finally:
        # Runs after success and after an error.
        for module, mode in old_modes:
            module.training = mode
    return text
