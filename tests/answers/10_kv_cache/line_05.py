import torch as T
class KVCache:
    def __init__(s, m): s.a, s.length = [[] for _ in m.blocks], 0
@T.no_grad()
def forward_with_cache(m, ids, c):
    n, t = c.length, ids.shape[1]; N = n + t
    if N > m.config["block_size"]: raise ValueError(f"{N} > block_size")
    x = m.token_embedding(ids) + m.position_embedding(T.arange(n, N, device=ids.device))
    for b, a in zip(m.blocks, c.a):
        a[:] = a[:n] + [b.attention.qkv(b.norm_1(x))]
        q, k, v = T.cat(a, 1).unflatten(2, (3, m.config["n_head"], -1)).permute(2, 0, 3, 1, 4)
        w = q[:, :, n:] @ k.mT / k.shape[3] ** .5 + T.full((t, N), -T.inf, dtype=x.dtype, device=x.device).triu(n + 1)
        a[:] = [T.cat(a, 1)]
        x = x + b.attention.output((w.softmax(3) @ v).transpose(1, 2).flatten(2)); x = x + b.mlp(b.norm_2(x))
    c.length = N
    return m.head(m.norm(x))
def generate_cached(m, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0 or top_k is not None and top_k < 1: raise ValueError("temperature >= 0, top_k >= 1")
    c, r, S = KVCache(m), m.training, m.config["block_size"]; m.eval()
    try:
        for _ in range(max_new_tokens):
            w = ids.shape[1] > S
            if w: c = KVCache(m)
            z = forward_with_cache(m, ids[:, -S:] if w else ids[:, c.length:], c)[:, -1]
            if top_k: z = z.masked_fill(z < z.topk(min(top_k, z.shape[1]))[0][:, -1:], -T.inf)
            ids = T.cat([ids, (z / temperature).softmax(1).multinomial(1, generator=generator) if temperature else z.argmax(1, True)], 1)
    finally: m.train(r)
    return ids
