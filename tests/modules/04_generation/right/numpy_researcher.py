"""Ancestral sampling from an autoregressive model p(x_t | x_<t)."""

import torch


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if ids.shape[1] == 0:
        raise ValueError("empty prompt")
    if not temperature >= 0:  # also catches NaN
        raise ValueError(f"{temperature=} must be >= 0")
    if top_k is not None and top_k < 1:
        raise ValueError(f"{top_k=} must be >= 1")
    T, S = ids.shape[1], model.config["block_size"]
    out = torch.cat([ids, ids.new_zeros(1, max_new_tokens)], dim=1)  # preallocated, filled in place
    mode = model.training
    model.eval()
    try:
        for t in range(T, T + max_new_tokens):
            z = model(out[:, max(0, t - S) : t])[:, -1]  # PREDICT: what shape is this for a prompt of 5 ids?
            if temperature == 0:
                out[:, t] = z.argmax(dim=-1)
                continue
            if top_k is not None:
                order = z.argsort(dim=-1)
                keep = order[:, -top_k:]
                z = torch.full_like(z, -torch.inf).scatter(1, keep, z.gather(1, keep))
            p = torch.softmax(z / temperature, dim=-1)
            out[:, t] = torch.multinomial(p, 1, generator=generator)[:, 0]
    finally:
        model.train(mode)
    return out


def n_complete(s):
    """Number of words in s that whitespace has closed."""
    return len(s.split()) - (s != "" and not s[-1].isspace())


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    s = tokenizer.decode(ids[0].tolist())
    target, budget = len(s.split()) + n_words, 30 * n_words
    while budget > 0 and n_complete(s) < target:
        ids = generate(model, ids, 1, temperature, generator=generator)
        s = tokenizer.decode(ids[0].tolist())
        budget -= 1
    return s.rstrip()
