# Style: functional. A step is a pure function from beams to beams, and reduce repeats it.
from functools import partial, reduce
from heapq import nlargest
from itertools import chain

import torch


def evaluating(function):
    """Decorate a function of a model: eval mode and no gradients while it runs."""

    def wrapped(model, *args, **kwargs):
        training = model.training
        model.eval()
        try:
            with torch.no_grad():
                return function(model, *args, **kwargs)
        finally:
            model.train(training)

    return wrapped


def distribution(model, ids):
    window = torch.tensor([ids[-model.config["block_size"] :]])
    return tuple(model(window)[0, -1].log_softmax(0).tolist())


@evaluating
def log_probability(model, ids, start):
    row = tuple(ids[0].tolist())
    if start not in range(1, len(row) + 1):
        raise ValueError(f"start {start} is not in 1..{len(row)}")
    return sum((distribution(model, row[:i])[row[i]] for i in range(start, len(row))), 0.0)


def grow(model, eos_id, beam):
    ids, total, length, over = beam
    if over:
        return (beam,)
    return (
        (ids + (i,), total + gain, length + 1, i == eos_id)
        for i, gain in enumerate(distribution(model, ids))
    )


def value(penalty, beam):
    _, total, length, _ = beam
    return total / length**penalty


def step(model, eos_id, penalty, width, beams, _):
    every = chain.from_iterable(map(partial(grow, model, eos_id), beams))
    return nlargest(width, every, key=partial(value, penalty))


@evaluating
def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    (row,) = ids.tolist()
    if not row or n_beams < 1 or max_new_tokens < 1:
        raise ValueError("need a prompt, a beam and a new token at least")
    advance = partial(step, model, eos_id, length_penalty, n_beams)
    beams = reduce(advance, range(max_new_tokens), [(tuple(row), 0.0, 0, False)])
    return [(torch.tensor([beam[0]]), value(length_penalty, beam)) for beam in beams]
