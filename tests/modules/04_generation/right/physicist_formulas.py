"""Sampling from the canonical ensemble of the next token.

z_a  score of token a (minus its energy)
T    temperature
p_a = exp(z_a / T) / Z  with the partition function  Z = sum_a exp(z_a / T)
"""

import torch


def draw(z, T, k, g):
    """One token from z (1, V), as (1, 1)."""
    # T -> 0: the ground state
    if T == 0:
        return z.argmax(-1, keepdim=True)
    # p is unchanged under z -> z + const. So put the maximum at 0: no exponential is above 1.
    z = z - z.amax(-1, keepdim=True)
    β = 1 / T
    # Boltzmann factors
    w = torch.exp(β * z)
    # Truncate the spectrum: only the k lowest levels, theta(z_a - z_k).
    if k is not None:
        z_k = z.topk(min(k, z.shape[-1])).values[:, -1:]
        w = w * (z >= z_k)
    Z = w.sum(-1, keepdim=True)
    return torch.multinomial(w / Z, 1, generator=g)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    T, k, g = temperature, top_k, generator
    # T in [0, inf). The comparison is false for NaN, too.
    if not T >= 0:
        raise ValueError(f"T must be >= 0, got {T}")
    if k is not None and k < 1:
        raise ValueError(f"k must be >= 1, got {k}")
    if ids.shape[1] < 1:
        raise ValueError("no initial condition: ids is empty")
    N = model.config["block_size"]
    m = model.training
    model.eval()
    try:
        with torch.no_grad():
            x = ids.clone()  # (1, n)
            for _ in range(max_new_tokens):
                # memory of length N
                c = x[:, -N:]
                z = model(c)[:, -1]  # (1, n) -> (1, V)  # PREDICT: what shape is this for a prompt of 5 ids?
                a = draw(z, T, k, g)
                x = torch.cat((x, a), 1)  # n -> n + 1
    finally:
        model.train(m)
    return x


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    x = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    s0 = s = tokenizer.decode(x[0].tolist())
    # W: number of words at the end
    W = len(s0.split()) + n_words
    # at most 30 characters for each word
    for _ in range(30 * n_words):
        if len(s.split()) >= W and s[-1].isspace():
            break
        x = generate(model, x, 1, temperature, generator=generator)
        s = tokenizer.decode(x[0].tolist())
    # s = s0 + continuation, without the last space
    return s0 + s[len(s0):].rstrip()
