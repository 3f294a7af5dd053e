"""A learner with callbacks: the loop only loops, everything else listens."""

import os
import shutil
import tempfile
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_pieces(path, size=1_000_000):
    file = open(path, encoding="utf-8-sig")
    with file:
        pieces = 0
        while chunk := file.read(size):
            pieces += 1
            yield chunk
        if pieces == 0:
            raise ValueError(f"{path} has no text")


def write_ids(path, pieces):
    path = Path(path)
    folder = tempfile.mkdtemp(dir=path.parent, prefix=".")
    n = 0
    try:
        fresh = os.path.join(folder, path.name)
        with open(fresh, "wb") as f:
            for p in pieces:
                bad = [i for i in p if i < 0 or i > 65_535]
                if bad:
                    raise ValueError(f"ids out of range: {bad[:3]}")
                n += f.write(np.asarray(p, "<u2").tobytes()) // 2
        os.replace(fresh, path)
    finally:
        shutil.rmtree(folder)
    return n


def open_ids(path):
    n = os.path.getsize(path)
    if n % 2 or n < 2:
        raise ValueError("a file of uint16 has an even number of bytes, at least 2")
    return np.memmap(path, "<u2", mode="r")


def split(ids, share=0.9):
    if not 0 < share < 1:
        raise ValueError("0 < share < 1")
    at = int(len(ids) * share)
    if at == 0 or at == len(ids):
        raise ValueError("empty split")
    return ids[:at], ids[at:]


class Callback:
    def before_fit(self, learn): pass
    def after_step(self, learn): pass
    def before_eval(self, learn): pass
    def after_eval(self, learn): pass
    def after_fit(self, learn): pass


class TrainMean(Callback):
    def before_fit(self, learn): self.total, self.n = 0.0, 0
    def after_step(self, learn):
        self.total += learn.loss
        self.n += 1
    def before_eval(self, learn):
        learn.train_loss = self.total / self.n
        self.total, self.n = 0.0, 0


class SaveBest(Callback):
    def before_fit(self, learn): self.best, self.weights = float("inf"), deepcopy(learn.model.state_dict())
    def after_eval(self, learn):
        if learn.val_loss < self.best:
            self.best = learn.val_loss
            self.weights = deepcopy(learn.model.state_dict())
    def after_fit(self, learn): learn.model.load_state_dict(self.weights)


class Recorder(Callback):
    def before_fit(self, learn): self.history = []
    def after_eval(self, learn): self.history.append((learn.step, learn.train_loss, learn.val_loss))


class Tell(Callback):
    def __init__(self, listener): self.listener = listener
    def after_eval(self, learn): self.listener(learn.step, learn.train_loss, learn.val_loss)


class Learner:
    def __init__(self, model, batches, val, lr, cbs):
        self.model, self.batches, self.val, self.cbs = model, batches, val, cbs
        self.opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.0)

    def __call__(self, event):
        for cb in self.cbs:
            getattr(cb, event)(self)

    def fit(self, steps, every):
        was = self.model.training
        try:
            self("before_fit")
            for self.step in range(1, steps + 1):
                self.one_step()
                self("after_step")
                if self.step % every == 0 or self.step == steps:
                    self("before_eval")
                    self.val_loss = self.val(self.model)
                    self("after_eval")
            self("after_fit")
        finally:
            self.model.train(was)

    def one_step(self):
        self.model.train()
        xb, yb = next(self.batches)
        loss = F.cross_entropy(self.model(xb).flatten(0, 1), yb.flatten())
        loss.backward()
        self.opt.step()
        self.opt.zero_grad()
        self.loss = loss.item()


def tensor(ids):
    return torch.tensor(np.array(ids).astype(int).tolist())


def sample(ids, bs, bl, seed):
    g = torch.Generator().manual_seed(seed)
    while True:
        at = torch.randint(0, len(ids) - bl, (bs,), generator=g)
        xy = torch.stack([tensor(ids[i : i + bl + 1]) for i in at])
        yield xy[:, :-1], xy[:, 1:]


class no_training:
    """Eval mode and no gradients, for a while."""

    def __init__(self, model):
        self.model, self.no_grad = model, torch.no_grad()

    def __enter__(self):
        self.was = self.model.training
        self.no_grad.__enter__()
        self.model.eval()

    def __exit__(self, *error):
        self.no_grad.__exit__(*error)
        self.model.train(self.was)


def evaluate(model, ids, block_size=64, batch_size=32):
    if len(ids) < 2:
        raise ValueError("too short to predict anything")
    n, sums = len(ids) - 1, []
    with no_training(model):
        windows = [(k, min(k + block_size, n)) for k in range(0, n, block_size)]
        while windows:
            size = windows[0][1] - windows[0][0]
            now = [w for w in windows[:batch_size] if w[1] - w[0] == size]
            windows = windows[len(now) :]
            xb = torch.stack([tensor(ids[a:b]) for a, b in now])
            yb = torch.stack([tensor(ids[a + 1 : b + 1]) for a, b in now])
            sums.append(F.cross_entropy(model(xb).flatten(0, 1), yb.flatten(), reduction="sum").item())
    return sum(sums) / n


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every start at 1")
    if len(train_ids) <= block_size:
        raise ValueError("train_ids is shorter than a window and its answer")
    if len(val_ids) < 2:
        raise ValueError("val_ids is too short")
    recorder = Recorder()
    cbs = [TrainMean(), SaveBest(), recorder] + ([Tell(on_eval)] if on_eval else [])
    batches = sample(train_ids, batch_size, block_size, seed)
    learn = Learner(model, batches, lambda m: evaluate(m, val_ids, block_size, batch_size), learning_rate, cbs)
    learn.fit(steps, eval_every)
    return recorder.history
