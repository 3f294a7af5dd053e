"""Style: terse expert. Gumbel-max in one expression, inference_mode, hardly a word too many."""

import torch


def _gumbel(like, g):
    u = torch.rand(like.shape, generator=g, dtype=torch.float64).clamp_min(1e-30)
    return -(-u.log()).log()


def _cut(z, k):
    if k is None or k >= z.numel():
        return z
    out = torch.empty_like(z).fill_(-torch.inf)
    best = z.topk(k).indices
    out[best] = z[best]
    return out


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0 or (top_k is not None and top_k < 1):
        raise ValueError(f"{temperature=} must be >= 0 and {top_k=} must be >= 1")
    block, mode = model.config["block_size"], model.training
    x = ids
    try:
        with torch.inference_mode():
            for _ in range(max_new_tokens):
                z = _cut(model.eval()(x[:, -block:])[0, -1].double(), top_k)
                if temperature > 0:
                    z = z / temperature + _gumbel(z, generator)
                x = torch.cat((x, z.argmax().view(1, 1)), 1)
    finally:
        model.train(mode)
    return x.clone()


def generate_words(model, tokenizer, prompt, n_words=10, temperature=1.0, generator=None):
    x = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    skip, said = len(tokenizer.decode(x[0].tolist())), ""
    while len((said + "|").split()) <= n_words and len(said) < 512 * n_words:
        x = generate(model, x, 1, temperature, None, generator)
        said = tokenizer.decode(x[0].tolist())[skip:]
    return tokenizer.decode(x[0].tolist())
