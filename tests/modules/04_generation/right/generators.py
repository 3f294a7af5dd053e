"""The text as a stream: an endless generator of tokens, cut to length by itertools."""

from collections import deque
from contextlib import contextmanager
from itertools import chain, islice, takewhile

import torch


def _refuse(temperature, top_k):
    """Raise a ValueError for what cannot be sampled with."""
    if not 0 <= temperature:
        raise ValueError(f"no such temperature: {temperature!r}")
    if top_k is not None and top_k <= 0:
        raise ValueError(f"no such top_k: {top_k!r}")


@contextmanager
def _at_rest(model):
    """Inside, the model is in eval mode and without gradients."""
    before = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(before)


def _picker(temperature, top_k, generator):
    """Make the function that picks an id from the scores (V,)."""

    def greedy(scores):
        return int(scores.argmax())

    def by_chance(scores):
        candidates = scores.sort(descending=True, stable=True).indices[:top_k]
        odds = torch.zeros_like(scores)
        odds[candidates] = (scores[candidates] / temperature).softmax(0)
        return int(torch.multinomial(odds, 1, generator=generator))

    return by_chance if temperature else greedy


def _stream(model, prompt, temperature, top_k, generator):
    """Yield one new token after the other, without an end."""
    pick = _picker(temperature, top_k, generator)
    window = deque(prompt, maxlen=model.config["block_size"])
    while True:
        scores = model(torch.tensor([list(window)]))[0, -1]
        token = pick(scores)
        yield token
        window.append(token)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    _refuse(temperature, top_k)
    if ids.size(1) < 1:
        raise ValueError("no ids to go on from")
    prompt = ids[0].tolist()
    with _at_rest(model):
        tokens = _stream(model, prompt, temperature, top_k, generator)
        new = list(islice(tokens, max_new_tokens))
    everything = list(chain(prompt, new))
    return torch.tensor(everything, dtype=torch.int64)[None]  # PREDICT: what shape is this for a prompt of 5 ids?


def _growing(model, tokenizer, ids, **settings):
    """Yield the text with one character more, and one more, and one more."""
    while True:
        ids = generate(model, ids, 1, **settings)
        yield tokenizer.decode(ids[0].tolist())


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    start = tokenizer.encode(prompt)
    seen = tokenizer.decode(start)
    wanted = len(seen.split()) + n_words

    def unfinished(text):
        return len(text.split()) < wanted or not text.endswith(" ")

    ids = torch.tensor([start], dtype=torch.int64)
    texts = _growing(model, tokenizer, ids, temperature=temperature, generator=generator)
    # takewhile drops the first finished text: the last one that it lets pass has no space at its end.
    texts = takewhile(unfinished, islice(texts, 30 * n_words))
    return deque(chain([seen], texts), maxlen=1).pop()
