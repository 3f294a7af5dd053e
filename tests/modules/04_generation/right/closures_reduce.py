"""Style: functional. Small closures, composed with functools.reduce; no variable ever changes."""

from functools import partial, reduce

import torch


def compose(*functions):
    return lambda value: reduce(lambda so_far, function: function(so_far), functions, value)


def demand(condition, complaint):
    if not condition:
        raise ValueError(complaint)


def heat(temperature):
    return lambda scores: scores / temperature


def keep_best(k):
    def keep(scores):
        place = torch.argsort(torch.argsort(scores, dim=-1, descending=True), dim=-1)
        return torch.where(place < k, scores, torch.tensor(float("-inf")))

    return keep


def roll(generator):
    return lambda chances: torch.multinomial(chances, 1, generator=generator)


def chooser(temperature, top_k, generator):
    """Return a function from a row of scores (1, V) to the chosen id (1, 1)."""
    demand(temperature >= 0, "temperature must not be negative (nor nan)")
    demand(top_k is None or top_k >= 1, "top_k must be at least 1")
    if temperature == 0:
        return partial(torch.argmax, dim=-1, keepdim=True)
    limit = [] if top_k is None else [keep_best(top_k)]
    return compose(heat(temperature), *limit, partial(torch.softmax, dim=-1), roll(generator))


def append_one(model, choose, ids):
    context = ids[:, -model.config["block_size"] :]
    return torch.cat([ids, choose(model(context)[:, -1])], dim=1)


def in_peace(model, work):
    """Run work() while the model neither trains nor drops out, then give it back as it was."""
    mode = model.training
    model.train(mode=False)
    try:
        with torch.set_grad_enabled(False):
            return work()
    finally:
        model.train(mode=mode)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    choose = chooser(temperature, top_k, generator)
    steps = range(max_new_tokens)
    step = lambda so_far, _: append_one(model, choose, so_far)  # noqa: E731
    return in_peace(model, lambda: reduce(step, steps, ids))


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    text = lambda ids: tokenizer.decode(ids[0].tolist())  # noqa: E731
    first = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    told = len(text(first))

    def enough(ids):
        *finished, _ = (text(ids)[told:] + ".").split()
        return len(finished) >= n_words

    def step(ids, _):
        return ids if enough(ids) else generate(model, ids, 1, temperature, None, generator)

    return text(reduce(step, range(300 * n_words), first))
