"""Loop 4, the sampler: a text is folded over and over into a longer one."""

from contextlib import contextmanager
from functools import partial, reduce
from itertools import accumulate, repeat

import torch

LONGEST_WORD = 30


@contextmanager
def evaluating(model):
    """Use the model inside without learning. Outside it is as before."""
    before = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield model
    finally:
        model.train(before)


def keep_best(logits, top_k):
    """Put all but the top_k best scores at minus infinity."""
    size = logits.shape[-1]
    rest = logits.argsort(dim=-1, descending=True)[:, min(top_k or size, size) :]
    return logits.scatter(-1, rest, float("-inf"))


def choose_next(logits, temperature, top_k, generator):
    """(1, V) scores -> (1, 1) id."""
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    odds = keep_best(logits / temperature, top_k).softmax(dim=-1)
    return torch.multinomial(odds, 1, generator=generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if ids.shape[-1] == 0:
        raise ValueError("an empty text cannot be continued")
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or above, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be 1 or above, or None, got {top_k}")
    block_size = model.config["block_size"]
    choose = partial(choose_next, temperature=temperature, top_k=top_k, generator=generator)
    # (1, T) -> (1, T + 1): look at the end, choose, append.
    grow = lambda text, _: torch.cat([text, choose(model(text[:, -block_size:])[:, -1])], dim=-1)
    with evaluating(model):
        return reduce(grow, range(max_new_tokens), ids)


def finished_words(text):
    """How many words of the text have a space behind them."""
    return len(text.split()) - (not text[-1:].isspace() and text != "")


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    read = lambda ids: tokenizer.decode(ids[0].tolist())
    start = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    wanted = len(read(start).split()) + n_words
    longer = lambda ids, _: generate(model, ids, 1, temperature, generator=generator)
    # The prompt, then each longer text. They are made one by one, as far as they are asked for.
    stages = accumulate(repeat(None, LONGEST_WORD * n_words), longer, initial=start)
    text = ""
    for text in map(read, stages):
        if finished_words(text) >= wanted:
            break
    return text.rstrip()
