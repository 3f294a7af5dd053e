"""kv_cache.py: let a small GPT write faster by keeping old keys and values."""

import math

import torch


class KVCache:
    """Holds the keys and values of all tokens that the model has already seen."""

    def __init__(self, model):
        # Remember the model: keys and values of one model mean nothing to another.
        self.model = model

        # How many tokens the cache holds.
        self.length = 0

        # One place per layer. None means "nothing yet". Later, each place holds
        # a tensor of shape (B, n_head, length, D).
        self.keys = [None] * model.config["n_layer"]
        self.values = [None] * model.config["n_layer"]


# no_grad: PyTorch records nothing for gradients inside this function.
@torch.no_grad()
def forward_with_cache(model, ids, cache):
    """Send only the new tokens, ids (B, t), through the model.

    Returns their logits (B, t, vocab_size) and adds the new tokens to the cache.
    """
    # Read the sizes.
    batch_size, t = ids.shape
    n_embd = model.config["n_embd"]
    n_head = model.config["n_head"]
    head_size = n_embd // n_head  # this is D
    block_size = model.config["block_size"]

    # Count the tokens: "old" are in the cache, "total" is old and new together.
    old = cache.length
    total = old + t

    # Check everything first, so that an error leaves the cache as it was.
    if cache.model is not model:
        raise ValueError("this cache belongs to another model")
    if old > 0 and cache.keys[0].shape[0] != batch_size:
        raise ValueError("this cache was filled with another batch size")
    if total > block_size:
        raise ValueError(f"{old} old + {t} new tokens are more than block_size = {block_size}")

    # The new tokens stand behind the old ones: old, old + 1, ..., total - 1.
    positions = torch.arange(old, total, device=ids.device)

    # Turn the new tokens and their positions into vectors, (B, t, n_embd).
    x = model.token_embedding(ids) + model.position_embedding(positions)

    # Build the mask: True means "may be seen". tril keeps a lower triangle, and
    # diagonal=old moves it to the right by old columns, past the cached tokens.
    mask = torch.ones(t, total, dtype=torch.bool, device=ids.device).tril(diagonal=old)

    # Collect the longer keys and values here. They go into the cache only at the
    # very end, so an error in the middle cannot leave it half changed.
    all_keys = []
    all_values = []

    for layer, block in enumerate(model.blocks):
        # Calculate queries, keys and values of the new tokens, each (B, t, n_embd).
        q, k, v = block.attention.qkv(block.norm_1(x)).chunk(3, dim=-1)

        # Split each into heads: (B, t, n_embd) -> (B, t, n_head, D) -> (B, n_head, t, D).
        q = q.reshape(batch_size, t, n_head, head_size).transpose(1, 2)
        k = k.reshape(batch_size, t, n_head, head_size).transpose(1, 2)
        v = v.reshape(batch_size, t, n_head, head_size).transpose(1, 2)

        # Put this layer's old keys and values before the new ones (dim 2 counts tokens).
        if old > 0:
            k = torch.cat([cache.keys[layer], k], dim=2)
            v = torch.cat([cache.values[layer], v], dim=2)
        all_keys.append(k)
        all_values.append(v)

        # Compare each new query with every key, old and new.
        # PREDICT: what shape has this for 3 tokens in the cache and 2 new ones?
        scores = q @ k.transpose(-2, -1) / math.sqrt(head_size)

        # Hide what stands behind a token: softmax turns minus infinity into weight 0.
        scores = scores.masked_fill(~mask, float("-inf"))

        # Turn the scores into weights; for each new token they add up to 1.
        weights = torch.softmax(scores, dim=-1)

        # Mix the values, then put the heads side by side again, (B, t, n_embd).
        mixed = (weights @ v).transpose(1, 2).reshape(batch_size, t, n_embd)

        # Finish the block just as the model does: attention output, then the MLP.
        x = x + block.attention.output(mixed)
        x = x + block.mlp(block.norm_2(x))

    # Calculate the logits of the new tokens, (B, t, vocab_size).
    logits = model.head(model.norm(x))

    # All went well: now the cache holds the new tokens too.
    cache.keys = all_keys
    cache.values = all_values
    cache.length = total

    return logits


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Add max_new_tokens tokens to ids: (1, T) -> (1, T + max_new_tokens)."""
    # Check the arguments. NaN needs its own check, because NaN < 0 is False.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more")

    # Work on a copy, so that the caller's ids stay as they are.
    text = ids.clone()
    block_size = model.config["block_size"]

    # Start with an empty cache.
    cache = KVCache(model)

    # Remember the mode (training or eval) of the model and of each of its parts.
    old_modes = [(module, module.training) for module in model.modules()]

    try:
        # Eval mode switches off things like dropout.
        model.eval()

        for _ in range(max_new_tokens):
            if text.shape[1] <= block_size:
                # The text fits: send only the tokens that the cache does not hold yet.
                # The first time that is the whole text, later it is one token.
                new_ids = text[:, cache.length:]
                logits = forward_with_cache(model, new_ids, cache)
            else:
                # The text is too long: every token stands at another place in each
                # step, so the cache is of no use. Calculate everything anew.
                logits = model(text[:, -block_size:])

            # Only the last place tells what comes next, (1, vocab_size).
            logits = logits[:, -1, :]

            if temperature == 0:
                # Temperature 0: take the best id, no chance involved.
                next_id = logits.argmax(dim=-1, keepdim=True)
            else:
                # A low temperature makes the differences larger, a high one smaller.
                scores = logits / temperature

                if top_k is not None:
                    # Find the k best ids (there cannot be more than vocab_size).
                    k = min(top_k, logits.shape[-1])
                    best = torch.topk(logits, k, dim=-1).indices

                    # Start with minus infinity everywhere, then copy in the k best scores.
                    kept = torch.full_like(scores, float("-inf"))
                    scores = kept.scatter(-1, best, scores.gather(-1, best))

                # Turn the scores into probabilities and draw one id.
                probabilities = torch.softmax(scores, dim=-1)
                next_id = torch.multinomial(probabilities, num_samples=1, generator=generator)

            # Put the new id, (1, 1), at the end of the text.
            text = torch.cat([text, next_id], dim=1)
    finally:
        # Give each part its old mode back; this happens after an error too.
        for module, was_training in old_modes:
            module.training = was_training

    return text
