"""kv_cache.py: write text faster by keeping the keys and values of old tokens."""

import math

import torch


class KVCache:
    """Holds the keys and values of all tokens so far, separately for each layer."""

    def __init__(self, model):
        # Remember the model, because a cache is true for one model only.
        self.model = model

        # How many tokens the cache holds.
        self.length = 0

        # B, the number of texts side by side. The first call sets it.
        self.batch_size = None

        # One place per layer. None means: nothing is kept yet.
        n_layer = model.config["n_layer"]
        self.keys = [None] * n_layer
        self.values = [None] * n_layer


# This line switches gradients off while the function runs.
@torch.no_grad()
def forward_with_cache(model, ids, cache):
    """Calculate the logits of the new tokens only, and add these tokens to the cache."""
    # Read the sizes: B texts, t new tokens in each.
    B, t = ids.shape
    n_embd = model.config["n_embd"]
    n_head = model.config["n_head"]
    block_size = model.config["block_size"]
    D = n_embd // n_head

    # Count the tokens: before this call, and after it.
    old_length = cache.length
    new_length = old_length + t

    # Check everything first, so that an error leaves the cache as it was.
    if t < 1:
        raise ValueError("ids must hold at least one new token")
    if cache.model is not model:
        raise ValueError("this cache belongs to another model")
    if cache.batch_size is not None and cache.batch_size != B:
        raise ValueError(f"this cache is for B = {cache.batch_size}, not for B = {B}")
    if new_length > block_size:
        raise ValueError(f"{new_length} tokens do not fit into block_size = {block_size}")

    # The new tokens stand behind the old ones, so we do not count from 0.
    positions = torch.arange(old_length, new_length, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(positions)

    # Build the mask: True where a column's token stands behind the row's new token.
    # unsqueeze makes the positions a row or a column, so that each pair is compared.
    all_positions = torch.arange(new_length, device=ids.device)
    is_behind = all_positions.unsqueeze(0) > positions.unsqueeze(1)

    # Collect the longer keys and values here. They go into the cache at the very end.
    longer_keys = []
    longer_values = []

    for layer, block in enumerate(model.blocks):
        # Calculate queries, keys and values, for the new tokens only.
        q, k, v = block.attention.qkv(block.norm_1(x)).chunk(3, dim=-1)

        # Split each into heads: (B, t, n_embd) -> (B, n_head, t, D).
        q = q.reshape(B, t, n_head, D).transpose(1, 2)
        k = k.reshape(B, t, n_head, D).transpose(1, 2)
        v = v.reshape(B, t, n_head, D).transpose(1, 2)

        # Put this layer's old keys and values before the new ones (dim 2 counts tokens).
        if old_length > 0:
            k = torch.cat([cache.keys[layer], k], dim=2)
            v = torch.cat([cache.values[layer], v], dim=2)
        longer_keys.append(k)
        longer_values.append(v)

        # Compare the queries with the keys.
        scores = q @ k.transpose(-2, -1) / math.sqrt(D)  # PREDICT: what shape has this for 3 tokens in the cache and 2 new ones?

        # Hide what stands behind: softmax turns -inf into a weight of 0.
        scores = scores.masked_fill(is_behind, float("-inf"))
        weights = torch.softmax(scores, dim=-1)

        # Mix the values, then put the heads side by side again: (B, t, n_embd).
        mixed = weights @ v
        mixed = mixed.transpose(1, 2).reshape(B, t, n_embd)

        # Finish the block in the same way as the model does.
        x = x + block.attention.output(mixed)
        x = x + block.mlp(block.norm_2(x))

    # Turn the result into logits, for the new tokens only.
    logits = model.head(model.norm(x))

    # All went well, so now the cache takes in the new tokens.
    cache.keys = longer_keys
    cache.values = longer_values
    cache.batch_size = B
    cache.length = new_length

    return logits


# This line switches gradients off while the function runs.
@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Write max_new_tokens more tokens behind ids, and return the whole text."""
    # Check the settings. NaN needs its own test, because "NaN < 0" is False.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")

    block_size = model.config["block_size"]

    # Work on a copy, so that the caller's ids stay as they are.
    text = ids.clone()

    # Start with an empty cache.
    cache = KVCache(model)

    # Remember the mode of the model and of each part in it.
    modes = [(part, part.training) for part in model.modules()]

    try:
        model.eval()

        for _ in range(max_new_tokens):
            if text.size(1) <= block_size:
                # The text fits: feed only the tokens that are not in the cache yet.
                unseen = text[:, cache.length:]
                logits = forward_with_cache(model, unseen, cache)
            else:
                # Too long: every token has moved, so the cache is of no use any more.
                logits = model(text[:, -block_size:])

            # Only the last place tells which token comes next: (1, vocab_size).
            logits = logits[:, -1, :]

            if temperature == 0:
                # Take the best token, without chance.
                next_id = logits.argmax(dim=-1, keepdim=True)
            else:
                # A low temperature makes the differences larger, a high one smaller.
                scaled = logits / temperature

                # Keep the k best only: all others get -inf, so probability 0.
                if top_k is not None:
                    k = min(top_k, logits.size(-1))
                    best = torch.topk(logits, k, dim=-1).indices
                    only_best = torch.full_like(scaled, float("-inf"))
                    scaled = only_best.scatter(-1, best, scaled.gather(-1, best))

                # Turn the numbers into probabilities and draw one token.
                probabilities = torch.softmax(scaled, dim=-1)
                next_id = torch.multinomial(probabilities, num_samples=1, generator=generator)

            # Put the new token behind the text.
            text = torch.cat([text, next_id], dim=1)
    finally:
        # Give each part its old mode back, after an error too.
        for part, was_training in modes:
            part.training = was_training

    return text
