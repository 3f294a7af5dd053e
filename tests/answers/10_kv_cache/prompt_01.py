"""kv_cache.py: write text faster by keeping the keys and values of old tokens."""

import math

import torch


class KVCache:
    """Keeps the keys and values of the tokens that a model has already seen."""

    def __init__(self, model):
        # Remember the model: its keys and values mean nothing to another one.
        self.model = model

        # How many tokens the cache holds.
        self.length = 0

        # One place per layer. None means: no token has been stored yet.
        n_layer = model.config["n_layer"]
        self.keys = [None] * n_layer
        self.values = [None] * n_layer


# no_grad: PyTorch records nothing for gradients inside this function.
@torch.no_grad()
def forward_with_cache(model, ids, cache):
    """Return the logits of the new tokens, and add these tokens to the cache."""

    # Read the sizes. "past" counts the old tokens, "total" the old and new ones.
    B, t = ids.shape
    n_embd = model.config["n_embd"]
    n_head = model.config["n_head"]
    D = n_embd // n_head
    past = cache.length
    total = past + t

    # Check everything first, so that an error leaves the cache as it was.
    if cache.model is not model:
        raise ValueError("this cache belongs to another model")
    if past > 0 and cache.keys[0].shape[0] != B:
        raise ValueError("this cache belongs to another batch size")
    if total > model.config["block_size"]:
        raise ValueError("the cache and the new tokens exceed block_size")

    # The new tokens stand behind the old ones: count from past, not from 0.
    positions = torch.arange(past, total, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(positions)

    # The mask: True where a new token (row) may see a token (column).
    # diagonal=past moves the triangle to the right, past the old tokens.
    allowed = torch.ones(t, total, dtype=torch.bool, device=ids.device)
    allowed = allowed.tril(diagonal=past)

    # Collect the longer keys and values here; the cache gets them at the end.
    all_keys = []
    all_values = []

    for layer, block in enumerate(model.blocks):
        # Calculate queries, keys and values for the new tokens only.
        q, k, v = block.attention.qkv(block.norm_1(x)).chunk(3, dim=-1)

        # Split each into heads: (B, t, n_embd) -> (B, n_head, t, D).
        q = q.reshape(B, t, n_head, D).transpose(1, 2)
        k = k.reshape(B, t, n_head, D).transpose(1, 2)
        v = v.reshape(B, t, n_head, D).transpose(1, 2)

        # Put this layer's old keys and values before the new ones.
        # Dimension 2 is the one that counts the tokens.
        if past > 0:
            k = torch.cat([cache.keys[layer], k], dim=2)
            v = torch.cat([cache.values[layer], v], dim=2)
        all_keys.append(k)
        all_values.append(v)

        # Compare the new queries with the old and new keys.
        # PREDICT: what shape has this for 3 tokens in the cache and 2 new ones?
        scores = q @ k.transpose(-2, -1) / math.sqrt(D)

        # Hide what stands behind a token: softmax turns minus infinity into 0.
        scores = scores.masked_fill(~allowed, float("-inf"))
        weights = torch.softmax(scores, dim=-1)

        # Mix the values, then put the heads side by side again.
        mixed = (weights @ v).transpose(1, 2).reshape(B, t, n_embd)

        # Add the results of attention and mlp to x, as the model does.
        x = x + block.attention.output(mixed)
        x = x + block.mlp(block.norm_2(x))

    # Turn the last x into logits.
    logits = model.head(model.norm(x))

    # All went well: now the cache takes the new tokens in.
    cache.keys = all_keys
    cache.values = all_values
    cache.length = total
    return logits


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Append max_new_tokens ids to ids, one after the other."""

    # Check the settings before anything else happens.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more")

    # Work on a copy, so that the caller's ids stay as they are.
    text = ids.clone()
    block_size = model.config["block_size"]
    cache = KVCache(model)

    # Note the mode of the model and of each part of it, to restore it later.
    old_modes = [(part, part.training) for part in model.modules()]

    try:
        # Eval mode: for example, dropout is off.
        model.eval()

        for _ in range(max_new_tokens):
            if text.shape[1] <= block_size:
                # The text fits: feed only the ids that the cache does not hold.
                # At first that is the whole prompt, later one id per step.
                unseen = text[:, cache.length:]
                logits = forward_with_cache(model, unseen, cache)
            else:
                # Too long: every token has moved to another place, so the
                # cache is no longer true. Calculate the whole context anew.
                logits = model(text[:, -block_size:])

            # Only the last place tells us about the next token: (1, vocab_size).
            logits = logits[:, -1, :]

            if temperature == 0:
                # Temperature 0: take the best id, without chance.
                next_id = logits.argmax(dim=-1, keepdim=True)
            else:
                # A low temperature makes differences larger, a high one smaller.
                scaled = logits / temperature

                # With top_k, give all but the k best logits the chance 0.
                if top_k is not None:
                    k = min(top_k, logits.shape[-1])
                    best = torch.topk(logits, k, dim=-1).indices
                    dropped = torch.ones_like(logits, dtype=torch.bool)
                    dropped[0, best[0]] = False
                    scaled = scaled.masked_fill(dropped, float("-inf"))

                # Turn the numbers into probabilities and draw one id.
                probabilities = torch.softmax(scaled, dim=-1)
                next_id = torch.multinomial(probabilities, num_samples=1, generator=generator)

            # Append the new id to the text.
            text = torch.cat([text, next_id], dim=1)
    finally:
        # Runs after an error too: give every part its old mode back.
        for part, was_training in old_modes:
            part.training = was_training

    return text
