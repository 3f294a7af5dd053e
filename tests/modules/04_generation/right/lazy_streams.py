"""Sampling as lazy streams: an endless stream of ids, of which as many are taken as are wanted."""

from contextlib import contextmanager
from functools import partial
from itertools import islice

import torch


@contextmanager
def inference(model):
    """Eval mode and no gradients inside the with block; the old mode afterwards."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield model
    finally:
        model.train(was_training)


def compose(*functions):
    """compose(f, g)(x) is g(f(x))."""

    def composed(value):
        for function in functions:
            value = function(value)
        return value

    return composed


def keep_best(k, logits):
    """Everything but the k best becomes minus infinity."""
    order = logits.argsort(dim=-1, descending=True, stable=True)
    return logits.scatter(-1, order[:, k:], float("-inf"))


def make_chooser(temperature, top_k, generator):
    """Build the function (1, V) -> (1, 1) that chooses an id."""
    if temperature == 0:
        return lambda logits: logits.argmax(dim=-1, keepdim=True)
    return compose(
        (lambda logits: logits) if top_k is None else partial(keep_best, top_k),
        lambda logits: logits / temperature,
        lambda scaled: scaled.softmax(dim=-1),
        lambda odds: torch.multinomial(odds, num_samples=1, generator=generator),
    )


def iterate(step, state):
    """state, step(state), step(step(state)), ... without end."""
    while True:
        yield state
        state = step(state)


def stream(model, ids, choose):
    """The endless continuation of ids, one (1, 1) tensor after the other."""
    block_size = model.config["block_size"]
    while True:
        # only the last block_size ids go in, only the last position is used
        chosen = choose(model(ids[:, -block_size:])[:, -1])
        yield chosen
        # the chosen id belongs to the text from now on
        ids = torch.cat((ids, chosen), dim=1)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # refuse what makes no sense (a NaN is not >= 0 either)
    if not temperature >= 0:
        raise ValueError(f"temperature must be at least 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")
    if ids.size(1) == 0:
        raise ValueError("there is no id to continue from")

    choose = make_chooser(temperature, top_k, generator)
    with inference(model):
        # take as many as wanted from the endless stream
        new_ids = tuple(islice(stream(model, ids, choose), max_new_tokens))
    # the prompt, and the new ids behind it
    return torch.cat((ids, *new_ids), dim=1)  # PREDICT: what shape is this for a prompt of 5 ids?


def first_or_last(test, items):
    """The first item that passes the test, or the last one if none does."""
    for item in items:
        if test(item):
            break
    return item


def count_words(text):
    return len(text.split())


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    def to_text(ids):
        return tokenizer.decode(ids[0].tolist())

    # one step of the text: one more character
    grow = partial(
        generate,
        model,
        max_new_tokens=1,
        temperature=temperature,
        generator=generator,
    )
    start = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    opening = to_text(start)
    goal = count_words(opening) + n_words

    def complete(text):
        return count_words(text) >= goal and text[-1:].isspace()

    # the prompt, the prompt and one character, ...: 30 characters for each word at the most
    versions = islice(iterate(lambda ids: grow(ids=ids), start), 30 * n_words + 1)
    story = first_or_last(complete, map(to_text, versions))
    # the space behind the last word has done its work
    return opening + story[len(opening):].removesuffix(" ")
