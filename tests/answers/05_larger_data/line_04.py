"""Standard library where possible: array, shutil, mmap-like reading, and plain torch."""

import array
import os
import sys

import numpy
import torch


def read_pieces(path, size=1_000_000):
    with open(path, encoding="utf-8", newline="") as f:
        begin = True
        carried = ""
        produced = 0
        while True:
            block = f.read(size)
            if begin and block.startswith("\ufeff"):
                block = block[1:] or f.read(size)
            begin = False
            text = carried + block
            carried = ""
            if block and text[-1] == "\r":
                carried = "\r"
                text = text[:-1]
            text = "\n".join(text.split("\r\n"))
            while text:
                produced += 1
                yield text[:size]
                text = text[size:]
            if not block:
                break
        if not produced:
            raise ValueError("there is no text in this file")


def write_ids(path, pieces):
    temporary = "%s.%d.tmp" % (path, os.getpid())
    count = 0
    done = False
    try:
        with open(temporary, "wb") as f:
            for piece in pieces:
                try:
                    numbers = array.array("H", piece)
                except OverflowError as error:
                    raise ValueError("an id does not fit into 16 bits") from error
                if sys.byteorder == "big":
                    numbers.byteswap()
                numbers.tofile(f)
                count += len(numbers)
        os.replace(temporary, path)
        done = True
    finally:
        if not done:
            os.remove(temporary)
    return count


def open_ids(path):
    if os.path.getsize(path) == 0 or os.path.getsize(path) % 2 == 1:
        raise ValueError("not a whole number of ids")
    return numpy.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    if not 0 <= share <= 1:
        raise ValueError("share is %r, must be 0 to 1" % share)
    n = int(len(ids) * share)
    if n < 1:
        raise ValueError("nothing to train on")
    if n >= len(ids):
        raise ValueError("nothing to validate on")
    return ids[:n], ids[n:]


def ints(ids):
    return ids.tolist() if hasattr(ids, "tolist") else list(ids)


def all_losses(model, rows):
    """Yield the loss of every answer in these rows of ids, all equally long."""
    rows = torch.tensor(rows)
    scores = model(rows[:, :-1])
    right = scores.gather(2, rows[:, 1:].unsqueeze(2)).squeeze(2)
    return torch.logsumexp(scores, dim=2) - right


def evaluate(model, ids, block_size=64, batch_size=32):
    if len(ids) < 2:
        raise ValueError("2 ids at least")
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            total = 0.0
            batch = []
            for start in range(0, len(ids) - 1, block_size):
                row = ints(ids[start : start + block_size + 1])
                if len(row) < block_size + 1:
                    total += all_losses(model, [row]).sum().item()
                else:
                    batch.append(row)
                if len(batch) == batch_size:
                    total += all_losses(model, batch).sum().item()
                    batch = []
            if batch:
                total += all_losses(model, batch).sum().item()
    finally:
        model.train(was_training)
    return total / (len(ids) - 1)


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    for value in (steps, eval_every):
        if value < 1:
            raise ValueError("steps and eval_every must be positive")
    if len(train_ids) < block_size + 1 or len(val_ids) < 2:
        raise ValueError("these texts are too short")
    generator = torch.Generator()
    generator.manual_seed(seed)
    parameters = list(model.parameters())
    momentum = [torch.zeros_like(p) for p in parameters]
    squares = [torch.zeros_like(p) for p in parameters]
    was_training = model.training
    history, total, n = [], 0.0, 0
    best, best_loss = None, None
    try:
        for step in range(1, steps + 1):
            model.train()
            places = torch.randint(len(train_ids) - block_size, [batch_size], generator=generator)
            rows = [ints(train_ids[p : p + block_size + 1]) for p in places.tolist()]
            loss = all_losses(model, rows).mean()
            gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
            with torch.no_grad():
                for p, g, m, s in zip(parameters, gradients, momentum, squares):
                    if g is None:
                        continue
                    m.mul_(0.9).add_(g, alpha=0.1)
                    s.mul_(0.999).addcmul_(g, g, value=0.001)
                    up = m / (1 - 0.9**step)
                    down = (s / (1 - 0.999**step)).sqrt() + 1e-8
                    p.sub_(learning_rate * up / down)
            total += loss.item()
            n += 1
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                if best is None or val_loss < best_loss:
                    best_loss = val_loss
                    best = [p.detach().clone() for p in parameters]
                history.append((step, total / n, val_loss))
                total, n = 0.0, 0
                if on_eval is not None:
                    on_eval(*history[-1])
        with torch.no_grad():
            for p, b in zip(parameters, best):
                p.copy_(b)
    finally:
        model.train(was_training)
    return history
