import torch
import torch.nn.functional as F

# everything that is kept is one tensor: (2, L, B, H, T, D)


class KVCache:
    def __init__(self, model):
        self.L = model.config["n_layer"]
        self.H = model.config["n_head"]
        self.data = None

    @property
    def length(self):
        return 0 if self.data is None else self.data.size(4)


@torch.no_grad()
def forward_with_cache(model, ids, cache):
    n = cache.length
    B, t = ids.size()
    if n + t > model.config["block_size"]:
        raise ValueError(f"n + t = {n + t} is larger than block_size")
    x = model.position_embedding.weight[n : n + t] + model.token_embedding(ids)
    new = []
    mask = torch.full((t, n + t), True, device=ids.device).tril(n)
    for l in range(cache.L):
        block = model.blocks[l]
        kqv = block.attention.qkv(block.norm_1(x)).reshape(B, t, 3, cache.H, -1)
        q, k, v = kqv.permute(2, 0, 3, 1, 4).unbind(0)
        kv = torch.stack([k, v])
        new.append(torch.cat([cache.data[:, l], kv], -2) if n > 0 else kv)
        if n > 0:
            k = torch.cat([cache.data[0, l], k], -2)
            v = torch.cat([cache.data[1, l], v], -2)
        y = F.scaled_dot_product_attention(q, k, v, mask if t > 1 else None)
        x = x + block.attention.output(y.permute(0, 2, 1, 3).reshape(B, t, -1))
        x = x + block.mlp(block.norm_2(x))
    new = torch.stack(new, 1)
    cache.data = new
    return model.head(model.norm(x))


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    size, was = model.config["block_size"], model.training
    out = torch.zeros(ids.size(0), ids.size(1) + max_new_tokens, dtype=ids.dtype, device=ids.device)
    out[:, : ids.size(1)] = ids
    model.eval()
    try:
        cache = KVCache(model)
        for end in range(ids.size(1), out.size(1)):
            if end <= size:
                scores = forward_with_cache(model, out[:, cache.length : end], cache)[:, -1]
            else:
                with torch.no_grad():
                    scores = model(out[:, end - size : end])[:, -1]
            if temperature == 0:
                out[:, end] = scores.max(1).indices
                continue
            if top_k is not None:
                worst = scores.sort(1, descending=True).values[:, : top_k][:, -1:]
                scores[scores < worst] = float("-inf")
            out[:, end] = (scores / temperature).softmax(1).multinomial(1, generator=generator)[:, 0]
    finally:
        model.train(was)
    return out
