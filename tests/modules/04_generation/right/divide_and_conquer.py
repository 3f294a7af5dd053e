"""Style: recursive. A long continuation is the second half of a continuation of the first half."""

from functools import wraps

import torch


def quietly(function):
    """Decorator: run the function with its model in eval mode and without gradients."""

    @wraps(function)
    def wrapper(model, *args, **kwargs):
        before = model.training
        model.eval()
        try:
            with torch.no_grad():
                return function(model, *args, **kwargs)
        finally:
            model.train(before)

    return wrapper


def one_more(model, ids, temperature, top_k, generator):
    size = model.config["block_size"]
    visible = ids if ids.size(1) <= size else ids.narrow(1, ids.size(1) - size, size)
    scores = model(visible).select(1, -1)
    if temperature == 0:
        winner = scores.max(dim=1, keepdim=True).indices
    else:
        if top_k is not None:
            kept = scores.topk(min(top_k, scores.size(1)), dim=1).indices
            banned = torch.ones_like(scores, dtype=torch.bool).scatter(1, kept, False)
            scores = scores.masked_fill(banned, -torch.inf)
        winner = scores.div(temperature).softmax(dim=1).multinomial(1, generator=generator)
    return torch.cat([ids, winner], dim=1)


@quietly
def extend(model, ids, count, temperature, top_k, generator):
    if count <= 0:
        return ids
    if count == 1:
        return one_more(model, ids, temperature, top_k, generator)
    half = count // 2
    first = extend(model, ids, half, temperature, top_k, generator)
    return extend(model, first, count - half, temperature, top_k, generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Return the prompt and max_new_tokens more ids."""
    if temperature != temperature or temperature < 0:
        raise ValueError("the temperature is a number from 0 upwards")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k counts from 1 upwards")
    return extend(model, ids, max_new_tokens, temperature, top_k, generator)


def one_more_word(model, tokenizer, ids, temperature, generator):
    """Call for characters until a space follows a letter. There is no limit on a word's length."""
    longer = generate(model, ids, 1, temperature=temperature, generator=generator)
    fresh = tokenizer.decode(longer[0, ids.size(1) :].tolist())
    while not (fresh[-1].isspace() and fresh.strip()):
        longer = generate(model, longer, 1, temperature=temperature, generator=generator)
        fresh = tokenizer.decode(longer[0, ids.size(1) :].tolist())
    return longer


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.5, generator=None):
    """Return the prompt and n_words more words: one word, and then n_words - 1 more words."""
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)

    def tell(so_far, words_left):
        if words_left == 0:
            return so_far
        longer = one_more_word(model, tokenizer, so_far, temperature, generator)
        return tell(longer, words_left - 1)

    return tokenizer.decode(tell(ids, n_words)[0].tolist())
