"""Sampling as a lazy stream of ids: `generate` takes as many as it was asked for."""
from contextlib import contextmanager
from itertools import islice, repeat

import torch
import torch.nn.functional as F


@contextmanager
def evaluating(model):
    """Eval mode inside; outside, every submodule as it was (some may be frozen in eval mode)."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield model
    finally:
        for module, mode in modes:
            module.training = mode


def greedy(logits):
    return logits.argmax(dim=-1, keepdim=True)


def sampler(temperature, top_k, generator):
    """A function (1, V) -> (1, 1)."""
    if not temperature >= 0:  # NaN compares False with all
        raise ValueError(f"temperature: {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k: {top_k}")
    if temperature == 0:
        return greedy

    def draw(logits):
        if top_k is not None:
            best = logits.topk(min(top_k, logits.shape[-1])).indices
            keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, best, True)
            logits = logits.masked_fill(~keep, -torch.inf)
        probs = F.softmax(logits / temperature, dim=-1)
        return torch.multinomial(probs, num_samples=1, generator=generator)

    return draw


def stream(model, ids, choose):
    """Yield (1, 1) ids for ever."""
    window = ids
    while True:
        window = window[:, -model.config["block_size"]:]
        fresh = choose(model(window)[:, -1])
        yield fresh
        window = torch.cat((window, fresh), dim=1)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if ids.shape[-1] < 1:
        raise ValueError("nothing to continue")
    choose = sampler(temperature, top_k, generator)
    with evaluating(model), torch.no_grad():
        return torch.cat([ids, *islice(stream(model, ids, choose), max_new_tokens)], dim=1)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = tokenizer.encode(prompt)
    start = tokenizer.decode(ids)
    wanted = len(start.split()) + n_words
    added = ""
    for _ in repeat(None, 30 * n_words):
        ids = generate(model, torch.tensor([ids]), 1, temperature, None, generator)[0].tolist()
        added = tokenizer.decode(ids)[len(start):]
        if added[-1:] == " " and len((start + added).split()) >= wanted:
            return start + added[:-1]
    return start + added
