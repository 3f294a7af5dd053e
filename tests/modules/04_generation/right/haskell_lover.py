# A Haskell lover: a pipeline of logit functions, reduce and accumulate in place of loops.
from contextlib import contextmanager
from functools import partial, reduce
from itertools import accumulate, repeat

import torch


def require(condition, message):
    if not condition:
        raise ValueError(message)


def compose(*functions):
    return lambda x: reduce(lambda value, function: function(value), functions, x)


def soften(temperature, logits):
    return torch.div(logits, temperature)


def keep_best(k, logits):
    best = torch.topk(logits, min(k, logits.numel()))
    return torch.full_like(logits, -torch.inf).scatter(0, best.indices, best.values)


def draw(generator, logits):
    return torch.multinomial(torch.softmax(logits, 0), 1, generator=generator)


def greedy(logits):
    return logits.argmax(keepdim=True)


def strategy(temperature, top_k, generator):
    if temperature == 0:
        return greedy
    cut = partial(keep_best, top_k) if top_k is not None else lambda logits: logits
    return compose(partial(soften, temperature), cut, partial(draw, generator))


@contextmanager
def asleep(model):
    mode = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(mode)


def grow(model, choose, row, _):
    context = row[-model.config["block_size"] :]
    logits = model(context.unsqueeze(0)).squeeze(0)
    return torch.hstack([row, choose(logits[-1])])


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    require(temperature >= 0, "temperature: 0 or more")
    require(top_k is None or top_k >= 1, "top_k: 1 or more")
    step = partial(grow, model, strategy(temperature, top_k, generator))
    with asleep(model):
        rows = [reduce(step, repeat(None, max_new_tokens), row) for row in ids]
    return torch.stack(rows)


def unfinished(wanted, text):
    return len(text.split()) < wanted or not text[-1:].isspace()


def until_finished(is_unfinished, texts):
    told = next(texts)
    while is_unfinished(told):
        later = next(texts, None)
        if later is None:
            return told
        told = later
    return told


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    begin = torch.tensor(tokenizer.encode(prompt)).unsqueeze(0)
    show = lambda ids: tokenizer.decode(ids.squeeze(0).tolist())
    wanted = n_words + len(show(begin).split())
    more = lambda ids, _: generate(model, ids, 1, temperature, None, generator)
    states = accumulate(repeat(None, 30 * n_words), more, initial=begin)
    return until_finished(partial(unfinished, wanted), map(show, states))
