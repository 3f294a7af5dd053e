"""Coroutines that are fed: one for writing, one for the mean, one for the best weights."""

import os
from contextlib import closing

import numpy as np
import torch
from torch.nn import functional as F


def started(coroutine):
    next(coroutine)
    return coroutine


def lines_joined(file, size):
    while True:
        text = "".join(file.read(1) for _ in range(min(size, 1))) + file.read(size - 1)
        if text == "":
            return
        yield text


def read_pieces(path, size=1_000_000):
    file = open(path, "rt", encoding="utf_8_sig")
    with closing(file):
        pieces = lines_joined(file, size)
        try:
            yield next(pieces)
        except StopIteration:
            raise ValueError("no text") from None
        yield from pieces


def writer(path):
    with open(path, "wb") as file:
        piece = yield
        while piece is not None:
            numbers = np.asarray(piece if len(piece) else [0])
            if numbers.dtype == object or (numbers < 0).any() or (numbers > 0xFFFF).any():
                raise ValueError("an id is out of range")
            file.write(numbers.astype("<u2").tobytes() if len(piece) else b"")
            piece = yield len(piece)
    yield 0


def write_ids(path, pieces):
    beside = f"{path}-unfinished"
    try:
        with closing(started(writer(beside))) as sink:
            count = sum(sink.send(piece) for piece in pieces)
            sink.send(None)
        os.replace(beside, path)
    finally:
        if os.path.lexists(beside):
            os.unlink(beside)
    return count


def open_ids(path):
    ids = np.memmap(path, mode="r")
    if len(ids) % 2:
        raise ValueError("an odd number of bytes")
    return ids.view("<u2")


def split(ids, share=0.9):
    if not 0 <= share <= 1:
        raise ValueError("share")
    border = int(share * len(ids))
    for part in (ids[:border], ids[border:]):
        if len(part) == 0:
            raise ValueError("a part would be empty")
    return ids[:border], ids[border:]


def as_rows(ids, starts, length):
    return torch.stack([torch.as_tensor(np.array(ids[s : s + length], dtype="i8")) for s in starts])


def loss_sum(model, rows):
    logits = model(rows[:, :-1])
    return F.cross_entropy(logits.movedim(-1, 1), rows[:, 1:], reduction="sum")


def evaluate(model, ids, block_size=64, batch_size=32):
    answers = len(ids) - 1
    if answers < 1:
        raise ValueError("nothing to guess")
    whole = list(range(0, answers - block_size + 1, block_size))
    groups = [(whole[k : k + batch_size], block_size) for k in range(0, len(whole), batch_size)]
    if answers % block_size:
        groups.append(([answers - answers % block_size], answers % block_size))
    was = model.training
    try:
        with torch.no_grad():
            model.eval()
            sums = [float(loss_sum(model, as_rows(ids, s, length + 1))) for s, length in groups]
    finally:
        model.train(was)
    return sum(sums) / answers


def average():
    """Send losses; send None to get their mean and start anew."""
    answer = None
    while True:
        total, count = 0.0, 0
        while (loss := (yield answer)) is not None:
            total, count, answer = total + loss, count + 1, None
        answer = total / count


def keeper(model):
    """Send val_losses. Closing it gives the model its best weights."""
    best, kept = None, None
    try:
        while True:
            val_loss = yield
            if best is None or val_loss < best:
                best, kept = val_loss, {k: v.detach().clone() for k, v in model.state_dict().items()}
    except GeneratorExit:
        if kept:
            model.load_state_dict(kept)


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    last_start = len(train_ids) - block_size - 1
    if steps < 1 or eval_every < 1 or last_start < 0 or len(val_ids) < 2:
        raise ValueError("steps, eval_every or the texts are too small")
    dice = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.RAdam(model.parameters(), lr=learning_rate)
    history, was = [], model.training
    try:
        with closing(started(keeper(model))) as best, closing(started(average())) as mean:
            for step in range(1, steps + 1):
                model.train()
                starts = torch.randint(0, last_start + 1, (batch_size,), generator=dice)
                loss = loss_sum(model, as_rows(train_ids, starts.tolist(), block_size + 1))
                loss = loss / (batch_size * block_size)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                mean.send(loss.item())
                if step % eval_every == 0 or step == steps:
                    val_loss = evaluate(model, val_ids, block_size, batch_size)
                    best.send(val_loss)
                    history.append((step, mean.send(None), val_loss))
                    if on_eval is not None:
                        on_eval(*history[-1])
    finally:
        model.train(was)
    return history
