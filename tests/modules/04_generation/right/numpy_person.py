"""Style: a numpy person. Logits leave torch at once; only the dice come from the generator."""

import numpy as np
import torch


def _choose(z, temperature, top_k, generator):
    if temperature == 0:
        return int(np.argmax(z))
    order = np.argsort(-z, kind="stable")
    keep = order[:top_k]
    w = np.exp((z[keep] - z[keep].max()) / temperature)
    cdf = np.cumsum(w / w.sum())
    u = torch.rand((), generator=generator, dtype=torch.float64).item()
    return int(keep[min(np.searchsorted(cdf, u, side="right"), keep.size - 1)])


def _check(temperature, top_k):
    if np.isnan(temperature) or temperature < 0:
        raise ValueError(f"bad temperature: {temperature!r}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"bad top_k: {top_k!r}")


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    _check(temperature, top_k)
    n = ids.shape[1]
    out = np.zeros((1, n + max_new_tokens), dtype=np.int64)
    out[:, :n] = ids.numpy()
    T = model.config["block_size"]
    mode = model.training
    try:
        model.eval()
        with torch.no_grad():
            for t in range(n, n + max_new_tokens):
                x = torch.from_numpy(out[:, max(0, t - T) : t].copy())
                z = model(x)[0, -1].numpy().astype(np.float64)
                out[0, t] = _choose(z, temperature, top_k, generator)
    finally:
        model.train(mode)
    return torch.from_numpy(out)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.7, generator=None):
    head = np.asarray([tokenizer.encode(prompt)], dtype=np.int64)
    ids = torch.from_numpy(head)
    blank = np.ones(1, dtype=bool)
    ends = 0
    while ends < n_words and blank.size < 300 * n_words:
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        blank = np.append(blank, tokenizer.decode(ids[0, -1:].tolist()).isspace())
        # a word ends where a blank follows something that is not blank
        ends = np.count_nonzero(blank[1:] & ~blank[:-1])
    return tokenizer.decode(ids.numpy()[0].tolist())
