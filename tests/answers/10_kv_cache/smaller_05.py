import math

import torch


class KVCache:
    def __init__(self, model):
        # One slot per block; the lists are made here, so two caches share nothing.
        self.keys = [None] * len(model.blocks)
        self.values = [None] * len(model.blocks)
        # How many tokens every block has stored; moved on only after a full pass.
        self.length = 0

    def append(self, layer, k, v):
        # k and v are (B, heads, t, D); the token dimension is 2.
        if self.length > 0:
            # Cutting at length drops leftovers of a pass that failed half-way.
            k = torch.cat([self.keys[layer][:, :, :self.length], k], dim=2)
            v = torch.cat([self.values[layer][:, :, :self.length], v], dim=2)
        self.keys[layer] = k
        self.values[layer] = v
        # Old and new together: (B, heads, length + t, D).
        return k, v


def attend(q, k, v, start):
    t = q.size(2)
    # Row i is new token i, at place start + i: it sees columns 0 to start + i.
    mask = torch.ones(t, start + t, dtype=torch.bool, device=q.device).tril(diagonal=start)
    # (B, heads, t, D) @ (B, heads, D, start + t) -> (B, heads, t, start + t)
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
    # -inf becomes weight 0 in the softmax.
    scores = scores.masked_fill(~mask, float("-inf"))
    return torch.softmax(scores, dim=-1) @ v


def cached_attention(model, block, layer, x, cache):
    B, t, _ = x.shape
    n_head = model.config["n_head"]
    # Computed for the new tokens only: this is the saving.
    q, k, v = block.attention.qkv(x).chunk(3, dim=-1)
    # (B, t, C) -> (B, heads, t, D)
    q, k, v = (
        part.reshape(B, t, n_head, part.size(-1) // n_head).transpose(1, 2)
        for part in (q, k, v)
    )
    # New keys and values go behind the old ones.
    k, v = cache.append(layer, k, v)
    y = attend(q, k, v, cache.length)
    # Heads side by side again: (B, heads, t, D) -> (B, t, C)
    y = y.transpose(1, 2).reshape(B, t, n_head * y.size(-1))
    return block.attention.output(y)


# No graph is built, so the cache does not keep old computations alive.
@torch.no_grad()
def forward_with_cache(model, ids, cache):
    start = cache.length
    t = ids.size(1)
    # Checked first, so that an error leaves the cache untouched.
    if start + t > model.config["block_size"]:
        raise ValueError(
            f"{start} cached + {t} new tokens are more than "
            f"block_size {model.config['block_size']}"
        )
    # The new tokens stand behind the cached ones.
    places = torch.arange(start, start + t, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(places)
    for layer, block in enumerate(model.blocks):
        # Attention is the only part where tokens meet, so only it needs the cache.
        x = x + cached_attention(model, block, layer, block.norm_1(x), cache)
        x = x + block.mlp(block.norm_2(x))
    logits = model.head(model.norm(x))
    # Every block has stored its part: now the new tokens count.
    cache.length = start + t
    return logits


def pick_next(logits, temperature, top_k, generator):
    # Temperature 0: simply the best token, no randomness.
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    # Taking off the maximum leaves the softmax the same, but a small
    # temperature can no longer blow the best logit up to infinity.
    scaled = (logits - logits.max(dim=-1, keepdim=True).values) / temperature
    if top_k is not None:
        # Exactly k places, also with ties; never more than the vocabulary.
        best = logits.topk(min(top_k, logits.size(-1)), dim=-1).indices
        # Everything else gets -inf, which is probability 0.
        nothing = torch.full_like(scaled, float("-inf"))
        scaled = nothing.scatter(-1, best, scaled.gather(-1, best))
    probs = torch.softmax(scaled, dim=-1)
    return torch.multinomial(probs, num_samples=1, generator=generator)


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # NaN >= 0 is False, so this catches NaN as well.
    if not temperature >= 0:
        raise ValueError("temperature must be 0 or above")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    block_size = model.config["block_size"]
    # Remember the mode of every part: some may be in eval mode on purpose.
    old_modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        cache = KVCache(model)
        # A copy, so the result never shares memory with the caller's ids.
        text = ids.clone()
        for _ in range(max_new_tokens):
            if text.size(1) <= block_size:
                # Unseen ids: first the whole prompt, then one token each time.
                logits = forward_with_cache(model, text[:, cache.length:], cache)
            else:
                # The window has moved, so the cache is no use any more.
                logits = model(text[:, -block_size:])
            # Only the logits after the last token choose the next one.
            next_id = pick_next(logits[:, -1, :], temperature, top_k, generator)
            # cat makes a new tensor.
            text = torch.cat([text, next_id], dim=1)
        return text
    finally:
        # Runs after an error too.
        for module, training in old_modes:
            module.training = training
