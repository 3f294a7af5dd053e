"""kv_cache.py: write faster by keeping the keys and values of old tokens."""

import math

import torch


class KVCache:
    """Holds the keys and values of the tokens that one model has already seen."""

    def __init__(self, model):
        # Keys and values are true only for the model that made them: remember it.
        self.model = model

        # How many tokens the cache holds.
        self.length = 0

        # How many texts are in the batch (B). Not known before the first tokens come.
        self.batch_size = None

        # One place for each layer. None means: no tokens yet.
        # Later each place holds a tensor of shape (B, n_head, length, D).
        n_layer = model.config["n_layer"]
        self.keys = [None] * n_layer
        self.values = [None] * n_layer


# The line with @ means: compute no gradients inside this function.
@torch.no_grad()
def forward_with_cache(model, ids, cache):
    """Send only the new tokens ids (B, t) through the model, return (B, t, vocab_size)."""
    # Read the sizes that we need.
    B, t = ids.shape
    n_embd = model.config["n_embd"]
    n_head = model.config["n_head"]
    block_size = model.config["block_size"]
    D = n_embd // n_head
    old_length = cache.length
    total_length = old_length + t

    # Check everything first, before anything is changed.
    if cache.model is not model:
        raise ValueError("this cache belongs to another model")
    if cache.batch_size is not None and cache.batch_size != B:
        raise ValueError(f"this cache holds {cache.batch_size} texts, but ids holds {B}")
    if t < 1:
        raise ValueError("ids must hold at least one new token")
    if total_length > block_size:
        raise ValueError(
            f"{old_length} old and {t} new tokens are more than block_size = {block_size}"
        )

    # The new tokens stand behind the old ones: count on from old_length.
    positions = torch.arange(old_length, total_length, device=ids.device)

    # Turn ids and positions into vectors: (B, t, n_embd).
    x = model.token_embedding(ids) + model.position_embedding(positions)

    # Build the mask: True where a new token (row) may see a token (column).
    # tril keeps the lower triangle. diagonal=old_length moves it to the right, so that
    # every new token sees all old tokens, the new ones before it, and itself.
    may_see = torch.ones(t, total_length, dtype=torch.bool, device=ids.device)
    may_see = may_see.tril(diagonal=old_length)

    # Collect the longer keys and values here. The cache itself changes only at the very
    # end, so an error on the way cannot leave it half changed.
    all_keys = []
    all_values = []

    for layer, block in enumerate(model.blocks):
        # Calculate queries, keys and values of the new tokens only: each (B, t, n_embd).
        q, k, v = block.attention.qkv(block.norm_1(x)).chunk(3, dim=-1)

        # Split each into heads: (B, t, n_embd) -> (B, t, n_head, D) -> (B, n_head, t, D).
        q = q.reshape(B, t, n_head, D).transpose(1, 2)
        k = k.reshape(B, t, n_head, D).transpose(1, 2)
        v = v.reshape(B, t, n_head, D).transpose(1, 2)

        # Put this layer's old keys and values before the new ones (dim 2 counts tokens).
        # torch.cat makes a new tensor, so the old one stays as it is.
        if old_length > 0:
            k = torch.cat([cache.keys[layer], k], dim=2)
            v = torch.cat([cache.values[layer], v], dim=2)
        all_keys.append(k)
        all_values.append(v)

        # Compare each new query with all keys, old and new.
        scores = q @ k.transpose(2, 3)  # PREDICT: what shape has this for 3 tokens in the cache and 2 new ones?
        scores = scores / math.sqrt(D)

        # Close the places that a token may not see: softmax turns -inf into weight 0.
        scores = scores.masked_fill(~may_see, float("-inf"))
        weights = torch.softmax(scores, dim=-1)

        # Mix the values, then put the heads side by side again: (B, t, n_embd).
        mixed = weights @ v
        mixed = mixed.transpose(1, 2).reshape(B, t, n_embd)

        # Add what attention and the mlp found, as in the model itself.
        x = x + block.attention.output(mixed)
        x = x + block.mlp(block.norm_2(x))

    # Turn the vectors of the new tokens into logits: (B, t, vocab_size).
    logits = model.head(model.norm(x))

    # All went well: now the cache takes in the new tokens.
    cache.keys = all_keys
    cache.values = all_values
    cache.batch_size = B
    cache.length = total_length

    return logits


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Write max_new_tokens more ids behind ids: (1, T) -> (1, T + max_new_tokens)."""
    # Check the arguments first. NaN ("not a number") needs a check of its own,
    # because NaN < 0 is False.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more")

    # Work on a copy, so that the caller's ids stay as they are.
    ids = ids.clone()
    block_size = model.config["block_size"]

    # Start with an empty cache for this text.
    cache = KVCache(model)

    # Remember the mode (training or not) of the model and of every part of it.
    old_modes = [(module, module.training) for module in model.modules()]

    try:
        model.eval()

        for _ in range(max_new_tokens):
            if ids.shape[1] <= block_size:
                # The text still fits: send only the ids that the cache has not seen.
                # The first time this is the whole text, later it is one token.
                unseen_ids = ids[:, cache.length:]
                logits = forward_with_cache(model, unseen_ids, cache)
            else:
                # The text is too long: its window moves on by one token in each step, so
                # every token gets a new position and the cache is no longer true.
                logits = model(ids[:, -block_size:])

            # Only the last place tells which token comes next: (1, vocab_size).
            last_logits = logits[:, -1, :]

            if temperature == 0:
                # Take the best id.
                next_id = last_logits.argmax(dim=-1, keepdim=True)
            else:
                # A low temperature makes the differences larger, a high one smaller.
                scaled_logits = last_logits / temperature

                # Keep the k best logits only: all others become -inf, so chance 0.
                if top_k is not None:
                    k = min(top_k, last_logits.shape[-1])
                    best_ids = torch.topk(last_logits, k, dim=-1).indices
                    # Start with False everywhere, then write True at the k best ids.
                    keep = torch.zeros_like(last_logits, dtype=torch.bool)
                    keep = keep.scatter(-1, best_ids, True)
                    scaled_logits = scaled_logits.masked_fill(~keep, float("-inf"))

                # Turn the logits into chances and draw one id.
                probabilities = torch.softmax(scaled_logits, dim=-1)
                next_id = torch.multinomial(probabilities, num_samples=1, generator=generator)

            # Put the new id behind the text.
            ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Also after an error: give every part of the model its old mode back.
        for module, was_training in old_modes:
            module.training = was_training

    return ids
