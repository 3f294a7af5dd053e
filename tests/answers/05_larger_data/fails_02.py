"""Everything is a small function or a pipeline of generators."""

import os
from contextlib import contextmanager
from functools import partial, reduce
from itertools import accumulate, chain, islice, takewhile
from operator import itemgetter
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import nll_loss, log_softmax


def forever(function):
    while True:
        yield function()


def never_empty(pieces, message):
    first = next(pieces, None)
    if first is None:
        raise ValueError(message)
    yield first
    yield from pieces


def read_pieces(path, size=1_000_000):
    with open(path, encoding="utf-8-sig") as source:
        pieces = takewhile(bool, forever(partial(source.read, size)))
        yield from never_empty(pieces, f"nothing to read in {path}")


@contextmanager
def replacing(path):
    draft = Path(str(path) + ".draft")
    try:
        with draft.open("wb") as sink:
            yield sink
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def packed(piece):
    if not all(0 <= id <= 65535 for id in piece):
        raise ValueError("an id that needs more than two bytes")
    return np.fromiter(piece, dtype="<u2", count=len(piece)).tobytes()


def write_ids(path, pieces):
    with replacing(path) as sink:
        return sum(map(sink.write, map(packed, pieces))) // 2


def open_ids(path):
    size = os.path.getsize(path)
    if not size or size & 1:
        raise ValueError(f"{size} bytes are not whole ids")
    return np.memmap(path, "<u2", "r")


def split(ids, share=0.9):
    if not 0 <= share <= 1:
        raise ValueError("not a share")
    parts = (lambda border: (ids[:border], ids[border:]))(int(len(ids) * share))
    if not all(map(len, parts)):
        raise ValueError("an empty part")
    return parts


@contextmanager
def keeping_mode(model):
    mode = model.training
    try:
        yield
    finally:
        model.train(mode)


def longs(ids):
    return torch.tensor(np.asarray(ids, dtype="int64"))


def losses(model, x, y):
    scores = log_softmax(model(x), dim=-1)
    return nll_loss(scores.flatten(0, 1), y.flatten(), reduction="none")


def chunks(items, n):
    items = iter(items)
    return takewhile(bool, forever(lambda: list(islice(items, n))))


def pair(ids, start, stop):
    return longs(ids[start:stop]), longs(ids[start + 1 : stop + 1])


def evaluate(model, ids, block_size=64, batch_size=32):
    end = len(ids) - 1
    if end < 1:
        raise ValueError("fewer than two ids")
    whole = end - end % block_size
    bounds = ((k, k + block_size) for k in range(0, whole, block_size))
    rest = [[(whole, end)]] if whole < end else []
    groups = chain(chunks(bounds, batch_size), rest)
    with keeping_mode(model), torch.no_grad():
        model.eval()
        batches = (zip(*(pair(ids, *bound) for bound in group)) for group in groups)
        totals = (losses(model, *map(torch.stack, batch)).sum().item() for batch in batches)
        return reduce(float.__add__, totals, 0.0) / end


def random_batches(ids, batch_size, block_size, seed):
    dice = torch.Generator().manual_seed(seed)
    draw = partial(torch.randint, 0, len(ids) - block_size, (batch_size,), generator=dice)
    for starts in forever(draw):
        yield map(torch.stack, zip(*(pair(ids, s, s + block_size) for s in starts.tolist())))


def step_losses(model, batches, learning_rate):
    optimizer = torch.optim.RMSprop(model.parameters(), lr=learning_rate)
    for x, y in batches:
        model.train()
        optimizer.zero_grad()
        loss = losses(model, x, y).mean()
        loss.backward()
        optimizer.step()
        yield loss.item()


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    if steps < 1 or eval_every < 1 or len(train_ids) <= block_size or len(val_ids) < 2:
        raise ValueError("nothing to do, or too little to do it with")
    batches = random_batches(train_ids, batch_size, block_size, seed)
    lessons = islice(step_losses(model, batches, learning_rate), steps)
    snapshots, history = [], []
    with keeping_mode(model):
        groups = list(accumulate(min(eval_every, steps - k) for k in range(0, steps, eval_every)))
        for step, lasting in zip(groups, chunks(lessons, eval_every)):
            val_loss = evaluate(model, val_ids, block_size, batch_size)
            weights = {name: value.clone() for name, value in model.state_dict().items()}
            snapshots = [min([*snapshots, (val_loss, weights)], key=itemgetter(0))]
            history.append((step, sum(lasting) / len(lasting), val_loss))
            if on_eval is not None:
                on_eval(*history[-1])
        model.load_state_dict(snapshots[0][1])
    return history
