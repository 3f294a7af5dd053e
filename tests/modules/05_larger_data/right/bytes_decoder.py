"""Reads bytes and decodes them itself; writes with struct; maps with mmap rules of its own."""

import codecs
import os
import random
import struct
import tempfile

import numpy as np
import torch

BOM = "\ufeff"


def read_pieces(path, size=1_000_000):
    decoder = codecs.getincrementaldecoder("utf-8")()
    waiting, first, any_text = "", True, False
    with open(path, "rb") as file:
        while True:
            data = file.read(4096)
            text = waiting + decoder.decode(data, final=not data)
            if first and text:
                text = text[1:] if text[0] == BOM else text
                first = False
            # a "\r" at the end may belong to a "\n" that has not come yet
            waiting = ""
            if data and text.endswith("\r"):
                text, waiting = text[:-1], "\r"
            text = text.replace("\r\n", "\n")
            for start in range(0, len(text), size):
                any_text = True
                yield text[start : start + size]
            if not data:
                break
    if not any_text:
        raise ValueError("empty file")


def write_ids(path, pieces):
    folder = os.path.dirname(os.path.abspath(path))
    handle, name = tempfile.mkstemp(dir=folder)
    n = 0
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                try:
                    file.write(struct.pack(f"<{len(piece)}H", *piece))
                except struct.error as problem:
                    raise ValueError(str(problem)) from None
                n += len(piece)
        os.replace(name, path)
        name = None
    finally:
        if name is not None:
            os.unlink(name)
    return n


def open_ids(path):
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        size = file.tell()
    if size == 0 or size % 2 != 0:
        raise ValueError("not a file of 2-byte ids")
    return np.memmap(path, dtype=np.uint16, mode="r", offset=0, shape=(size // 2,), order="C")


def split(ids, share=0.9):
    if share < 0 or share > 1 or share != share:
        raise ValueError("share must be 0 to 1")
    middle = int(len(ids) * share)
    if middle == 0 or middle == len(ids):
        raise ValueError("empty")
    return ids[0:middle], ids[middle : len(ids)]


def window(ids, start, stop):
    return torch.tensor([int(i) for i in ids[start:stop]], dtype=torch.long)


def evaluate(model, ids, block_size=64, batch_size=32):
    n = len(ids)
    if n < 2:
        raise ValueError("at least 2 ids")
    was = model.training
    model.eval()
    grad = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        total = 0.0
        starts = list(range(0, n - 1, block_size))
        for b in range(0, len(starts), batch_size):
            group = starts[b : b + batch_size]
            x = torch.zeros(len(group), min(block_size, n - 1 - group[0]), dtype=torch.long)
            y = torch.full_like(x, -1)
            for row, start in enumerate(group):
                length = min(block_size, n - 1 - start)
                x[row, :length] = window(ids, start, start + length)
                y[row, :length] = window(ids, start + 1, start + 1 + length)
            logits = model(x)
            total += torch.nn.functional.cross_entropy(
                logits.permute(0, 2, 1), y, ignore_index=-1, reduction="sum"
            ).item()
    finally:
        torch.set_grad_enabled(grad)
        model.train(was)
    return total / (n - 1)


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    if steps < 1:
        raise ValueError("steps")
    if eval_every < 1:
        raise ValueError("eval_every")
    if len(train_ids) - block_size < 1:
        raise ValueError("train_ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids")
    dice = random.Random(seed)
    optimizer = torch.optim.Adamax(model.parameters(), lr=learning_rate)
    was = model.training
    history = []
    since = []
    lowest = float("inf")
    kept = None
    step = 0
    try:
        while step < steps:
            step += 1
            model.train()
            x, y = [], []
            for _ in range(batch_size):
                start = dice.randrange(len(train_ids) - block_size)
                x.append(window(train_ids, start, start + block_size))
                y.append(window(train_ids, start + 1, start + block_size + 1))
            optimizer.zero_grad()
            logits = model(torch.stack(x))
            loss = torch.nn.functional.cross_entropy(logits.permute(0, 2, 1), torch.stack(y))
            loss.backward()
            optimizer.step()
            since.append(float(loss.detach()))
            if step == steps or step % eval_every == 0:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                if val_loss < lowest:
                    lowest = val_loss
                    kept = [p.detach().clone() for p in model.state_dict().values()]
                entry = (step, sum(since) / len(since), val_loss)
                since = []
                history.append(entry)
                if on_eval is not None:
                    on_eval(*entry)
        if kept is not None:
            with torch.no_grad():
                for p, k in zip(model.state_dict().values(), kept):
                    p.copy_(k)
    finally:
        model.train(was)
    return history
