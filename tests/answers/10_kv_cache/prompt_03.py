"""A KV cache: keep the keys and values of old tokens, calculate only new ones."""

import math

import torch


class KVCache:
    """Holds the keys and values of all tokens so far, for one model."""

    def __init__(self, model):
        n_layer = model.config["n_layer"]

        # Remember the model: the numbers of another one would not fit.
        self.model = model

        # How many tokens the cache holds.
        self.length = 0

        # B, the number of texts side by side. The first call sets it.
        self.batch_size = None

        # One place per layer. None means: nothing stored yet.
        self.keys = [None] * n_layer
        self.values = [None] * n_layer


# no_grad: PyTorch notes down nothing for gradients in this function.
@torch.no_grad()
def forward_with_cache(model, ids, cache):
    """Calculate the logits of the new tokens only, and add them to the cache."""
    n_embd = model.config["n_embd"]
    n_head = model.config["n_head"]
    block_size = model.config["block_size"]
    head_size = n_embd // n_head  # this is D

    # B texts with t new tokens each, behind "past" old tokens.
    B, t = ids.shape
    past = cache.length

    # Check everything first, so that an error changes nothing.
    if cache.model is not model:
        raise ValueError("this cache belongs to another model")
    if cache.batch_size is not None and cache.batch_size != B:
        raise ValueError(f"this cache is for B = {cache.batch_size}, but ids has B = {B}")
    if t < 1:
        raise ValueError("ids must hold at least one new token")
    if past + t > block_size:
        raise ValueError(f"{past} old + {t} new tokens are more than block_size = {block_size}")

    # Look up the new tokens and their positions: past, past + 1, ...
    token_vectors = model.token_embedding(ids)
    positions = torch.arange(past, past + t, device=token_vectors.device)
    x = token_vectors + model.position_embedding(positions)

    # The mask: True means "may see". tril keeps the lower left triangle,
    # and diagonal=past moves its edge to the right by "past" columns.
    mask = torch.ones(t, past + t, dtype=torch.bool, device=x.device)
    mask = mask.tril(diagonal=past)

    # Collect the longer keys and values here. They go into the cache at the
    # very end, so an error on the way leaves the cache as it was.
    all_keys = []
    all_values = []

    for layer, block in enumerate(model.blocks):
        # Queries, keys and values of the new tokens, each (B, t, n_embd).
        q, k, v = block.attention.qkv(block.norm_1(x)).chunk(3, dim=-1)

        # Split each into heads: (B, n_head, t, D).
        q = q.view(B, t, n_head, head_size).transpose(1, 2)
        k = k.view(B, t, n_head, head_size).transpose(1, 2)
        v = v.view(B, t, n_head, head_size).transpose(1, 2)

        # Put this layer's old keys and values before the new ones.
        # Dimension 2 is the one that counts tokens.
        if past > 0:
            k = torch.cat([cache.keys[layer], k], dim=2)
            v = torch.cat([cache.values[layer], v], dim=2)
        all_keys.append(k)
        all_values.append(v)

        # Compare the queries with the keys.
        scores = q @ k.transpose(-2, -1)  # PREDICT: what shape has this for 3 tokens in the cache and 2 new ones?
        scores = scores / math.sqrt(head_size)

        # What a token may not see gets -infinity, which softmax turns into 0.
        scores = scores.masked_fill(~mask, float("-inf"))
        weights = torch.softmax(scores, dim=-1)

        # Mix the values, then put the heads side by side again.
        mixed = weights @ v
        mixed = mixed.transpose(1, 2).reshape(B, t, n_embd)

        # Add the attention's result, then the MLP's result.
        x = x + block.attention.output(mixed)
        x = x + block.mlp(block.norm_2(x))

    # Turn the vectors of the new tokens into logits.
    logits = model.head(model.norm(x))

    # All went well: now the cache holds the new tokens too.
    cache.keys = all_keys
    cache.values = all_values
    cache.batch_size = B
    cache.length = past + t

    return logits


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Write max_new_tokens more tokens behind ids, with the help of a KV cache."""
    # Check the arguments.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")

    block_size = model.config["block_size"]
    cache = KVCache(model)

    # Work on a copy, so that the caller's ids stay as they are.
    text = ids.clone()

    # Note the mode (train or eval) of the model and of each part inside it.
    old_modes = [(module, module.training) for module in model.modules()]

    try:
        model.eval()

        for _ in range(max_new_tokens):
            if text.shape[1] <= block_size:
                # The text fits: feed only the ids that the cache has not seen.
                # That is the whole prompt at first, then one id each time.
                unseen = text[:, cache.length:]
                logits = forward_with_cache(model, unseen, cache)
            else:
                # The text is too long: every token now stands at another
                # place in each step, so calculate everything anew.
                logits = model(text[:, -block_size:])

            # Only the last place tells what comes next: (1, vocab_size).
            logits = logits[:, -1, :]

            if temperature == 0:
                # Take the best id. There is nothing to draw.
                next_id = torch.argmax(logits, dim=-1, keepdim=True)
            else:
                # A low temperature makes the differences larger.
                scaled = logits / temperature

                # Keep the k best logits, set all others to -infinity.
                if top_k is not None:
                    k = min(top_k, logits.shape[-1])
                    best = torch.topk(logits, k, dim=-1).indices
                    kept = torch.full_like(scaled, float("-inf"))
                    scaled = kept.scatter(-1, best, scaled.gather(-1, best))

                # Draw one id according to the probabilities.
                probabilities = torch.softmax(scaled, dim=-1)
                next_id = torch.multinomial(probabilities, num_samples=1, generator=generator)

            # Put the new id behind the text.
            text = torch.cat([text, next_id], dim=1)
    finally:
        # Give each part its old mode back, after an error too.
        for module, was_training in old_modes:
            module.training = was_training

    return text
