# Style: a mathematician in plain Python: lists, heapq, accumulate, bisect; tensors only at the border.
from bisect import bisect_right
from heapq import nlargest
from itertools import accumulate
from math import exp

import torch


def weights(scores, temperature, top_k):
    """Boltzmann weights; those that may not take part weigh nothing."""
    best = max(scores)
    kept = set(nlargest(top_k or len(scores), range(len(scores)), key=scores.__getitem__))
    return [exp((s - best) / temperature) if i in kept else 0.0 for i, s in enumerate(scores)]


def pick(scores, temperature, top_k, generator):
    """Throw a dart at a ruler whose sections are as long as the weights."""
    if temperature == 0:
        return scores.index(max(scores))
    ruler = list(accumulate(weights(scores, temperature, top_k)))
    dart = torch.rand((), generator=generator, dtype=torch.float64).item() * ruler[-1]
    return bisect_right(ruler, dart)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0 or (top_k is not None and top_k < 1):
        raise ValueError(f"{temperature=} must not be negative, {top_k=} must be positive")
    row, mode, reach = ids[0].tolist(), model.training, model.config["block_size"]
    model.eval()
    with torch.no_grad():
        for _ in range(max_new_tokens):
            *_, scores = model(torch.tensor([row[-reach:]]))[0].tolist()
            row.append(pick(scores, temperature, top_k, generator))
    model.train(mode)
    return torch.tensor([row])


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    row = tokenizer.encode(prompt)
    goal = len(tokenizer.decode(row).split()) + n_words
    done = lambda text: text[-1:].isspace() and len(text.split()) >= goal
    for _ in range(30 * n_words):
        if done(tokenizer.decode(row)):
            break
        row += generate(model, torch.tensor([row]), 1, temperature, generator=generator)[0, -1:].tolist()
    return tokenizer.decode(row)
