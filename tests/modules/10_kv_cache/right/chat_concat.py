import math

import torch
import torch.nn.functional as F


class KVCache:
    """Stores the keys and values of every layer."""

    def __init__(self, model):
        self.n_layer = model.config["n_layer"]
        self.keys = [None] * self.n_layer
        self.values = [None] * self.n_layer

    @property
    def length(self):
        if self.keys[-1] is None:
            return 0
        return self.keys[-1].shape[2]

    def update(self, layer_idx, k, v):
        """Append the new keys and values, and return all of them."""
        if self.keys[layer_idx] is None:
            self.keys[layer_idx] = k
            self.values[layer_idx] = v
        else:
            self.keys[layer_idx] = torch.cat([self.keys[layer_idx], k], dim=2)
            self.values[layer_idx] = torch.cat([self.values[layer_idx], v], dim=2)
        return self.keys[layer_idx], self.values[layer_idx]


@torch.no_grad()
def forward_with_cache(model, ids, cache):
    B, t = ids.shape
    past = cache.length
    block_size = model.config["block_size"]
    if past + t > block_size:
        raise ValueError(f"Sequence length {past + t} exceeds block_size {block_size}")

    n_head = model.config["n_head"]
    n_embd = model.config["n_embd"]
    head_dim = n_embd // n_head

    # Positions continue after the cached tokens
    pos = torch.arange(past, past + t, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(pos)

    # Causal mask: new token i (at position past + i) may attend to j <= past + i
    total = past + t
    key_positions = torch.arange(total, device=ids.device)
    mask = key_positions[None, :] <= pos[:, None]  # (t, total)

    for i, block in enumerate(model.blocks):
        h = block.norm_1(x)
        q, k, v = block.attention.qkv(h).split(n_embd, dim=-1)
        q = q.view(B, t, n_head, head_dim).transpose(1, 2)
        k = k.view(B, t, n_head, head_dim).transpose(1, 2)
        v = v.view(B, t, n_head, head_dim).transpose(1, 2)
        k, v = cache.update(i, k, v)

        scores = (q @ k.transpose(-2, -1)) / math.sqrt(head_dim)
        scores = scores.masked_fill(~mask, float("-inf"))
        attn = F.softmax(scores, dim=-1)
        out = (attn @ v).transpose(1, 2).contiguous().view(B, t, n_embd)
        x = x + block.attention.output(out)
        x = x + block.mlp(block.norm_2(x))

    return model.head(model.norm(x))


@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0:
        raise ValueError(f"temperature must be >= 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be >= 1, got {top_k}")

    block_size = model.config["block_size"]
    was_training = model.training
    model.eval()
    try:
        cache = KVCache(model)
        tokens = ids
        pending = ids
        for _ in range(max_new_tokens):
            if tokens.shape[1] <= block_size:
                logits = forward_with_cache(model, pending, cache)[:, -1, :]
            else:
                # The window slides, so all positions change: recompute
                logits = model(tokens[:, -block_size:])[:, -1, :]

            if temperature == 0:
                next_id = torch.argmax(logits, dim=-1, keepdim=True)
            else:
                if top_k is not None:
                    k = min(top_k, logits.shape[-1])
                    threshold = torch.topk(logits, k).values[:, -1:]
                    logits = logits.masked_fill(logits < threshold, float("-inf"))
                probs = F.softmax(logits / temperature, dim=-1)
                next_id = torch.multinomial(probs, num_samples=1, generator=generator)

            tokens = torch.cat([tokens, next_id], dim=1)
            pending = next_id
        return tokens
    finally:
        model.train(was_training)
