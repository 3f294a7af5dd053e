"""Text corpora as numpy arrays."""

import contextlib
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

DTYPE = np.dtype("<u2")
LIMITS = np.iinfo(np.uint16)


def read_pieces(path, size=1_000_000):
    n = 0
    with pathlib.Path(path).open(encoding="utf-8-sig", newline=None) as fh:
        while chunk := fh.read(size):
            n += len(chunk)
            yield chunk
    if n == 0:
        raise ValueError(f"{path}: empty file")


def write_ids(path, pieces):
    path = pathlib.Path(path)
    tmp = path.parent / (path.name + ".partial")
    n = 0
    with contextlib.ExitStack() as stack:
        stack.callback(tmp.unlink, missing_ok=True)
        with tmp.open("wb") as fh:
            for piece in pieces:
                arr = np.array(piece, dtype=object)
                if arr.size and (arr.min() < LIMITS.min or arr.max() > LIMITS.max):
                    raise ValueError("ids must fit into uint16")
                arr.astype(DTYPE).tofile(fh)
                n += arr.size
        tmp.replace(path)
    return n


def open_ids(path):
    nbytes = pathlib.Path(path).stat().st_size
    count, rest = divmod(nbytes, DTYPE.itemsize)
    if rest or not count:
        raise ValueError(f"{path}: {nbytes} bytes are no whole number of ids")
    return np.memmap(path, dtype=DTYPE, mode="r", shape=(count,))


def split(ids, share=0.9):
    if not 0.0 <= share <= 1.0:
        raise ValueError("share out of range")
    k = int(len(ids) * share)
    if k in (0, len(ids)):
        raise ValueError("empty part")
    return ids[:k], ids[k:]


def _array(ids):
    return np.asarray(ids, dtype=np.int64)


@contextlib.contextmanager
def _mode(model, training):
    before = model.training
    model.train(training)
    try:
        yield
    finally:
        model.train(before)


def _nll(model, x, y, reduction):
    logits = model(torch.from_numpy(np.ascontiguousarray(x)))
    target = torch.from_numpy(np.ascontiguousarray(y))
    return F.cross_entropy(logits.transpose(1, 2), target, reduction=reduction)


def evaluate(model, ids, block_size=64, batch_size=32):
    n = len(ids) - 1
    if n < 1:
        raise ValueError("at least two ids")
    nblocks, rest = divmod(n, block_size)
    total = 0.0
    with _mode(model, False), torch.no_grad():
        for first in range(0, nblocks, batch_size):
            last = min(first + batch_size, nblocks)
            seg = _array(ids[first * block_size : last * block_size + 1])
            x = seg[:-1].reshape(-1, block_size)
            y = seg[1:].reshape(-1, block_size)
            total += float(_nll(model, x, y, "sum"))
        if rest:
            seg = _array(ids[nblocks * block_size :])
            total += float(_nll(model, seg[None, :-1], seg[None, 1:], "sum"))
    return total / n


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    if min(steps, eval_every) < 1:
        raise ValueError("steps and eval_every must be positive")
    if len(train_ids) <= block_size or len(val_ids) <= 1:
        raise ValueError("too few ids")
    rng = np.random.default_rng(seed)
    opt = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses = np.zeros(steps)
    history, best, last = [], (np.inf, None), 0
    with _mode(model, True):
        for step in range(1, steps + 1):
            offsets = rng.integers(0, len(train_ids) - block_size, size=batch_size)
            rows = np.stack([_array(train_ids[o : o + block_size + 1]) for o in offsets])
            loss = _nll(model, rows[:, :-1], rows[:, 1:], "mean")
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            losses[step - 1] = loss.item()
            if step % eval_every and step != steps:
                continue
            val = evaluate(model, val_ids, block_size, batch_size)
            if val < best[0]:
                best = (val, {k: v.detach().cpu().numpy().copy() for k, v in model.state_dict().items()})
            history.append((step, float(losses[last:step].mean()), val))
            last = step
            if on_eval:
                on_eval(*history[-1])
        if best[1] is not None:
            model.load_state_dict({k: torch.from_numpy(v) for k, v in best[1].items()})
    return history
