"""Uses torch.utils.data: a dataset of windows, samplers and loaders."""

import math
import os
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler


def read_pieces(path, size=1_000_000):
    with Path(path).open("r", encoding="utf-8-sig") as stream:
        piece = stream.read(size)
        if len(piece) == 0:
            raise ValueError(f"{path} is empty")
        while len(piece) > 0:
            yield piece
            piece = stream.read(size)


def write_ids(path, pieces):
    path = Path(path)
    written = 0
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = Path(folder) / "ids"
        with new.open("wb") as stream:
            for piece in pieces:
                ids = torch.as_tensor([min(max(int(i), -1), 1 << 16) for i in piece], dtype=torch.int64)
                if ((ids < 0) | (ids >= 1 << 16)).any():
                    raise ValueError("ids must be in 0 ... 65535")
                stream.write(ids.numpy().astype("<u2").tobytes())
                written += ids.numel()
        os.replace(new, path)
    return written


def open_ids(path):
    if not Path(path).stat().st_size or Path(path).stat().st_size % 2:
        raise ValueError(f"{path} does not hold 16-bit ids")
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    if not (0 <= share <= 1):
        raise ValueError("share")
    n = math.floor(len(ids) * share)
    if not 1 <= n <= len(ids) - 1:
        raise ValueError("a part is empty")
    return ids[:n], ids[n:]


class WindowDataset(Dataset):
    """Windows of block_size ids and their answers, `stride` apart."""

    def __init__(self, ids, block_size, stride):
        self.ids, self.block_size, self.stride = ids, block_size, stride

    def __len__(self):
        return (len(self.ids) - self.block_size - 1) // self.stride + 1

    def __getitem__(self, index):
        start = index * self.stride
        row = torch.from_numpy(np.array(self.ids[start : start + self.block_size + 1], dtype=np.int64))
        return row[:-1], row[1:]


def total_loss(model, x, y):
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum")


def evaluate(model, ids, block_size=64, batch_size=32):
    if len(ids) < 2:
        raise ValueError("two ids at least")
    training, total, seen = model.training, 0.0, 0
    model.eval()
    try:
        with torch.no_grad():
            if len(ids) > block_size:
                dataset = WindowDataset(ids, block_size, stride=block_size)
                for x, y in DataLoader(dataset, batch_size, sampler=SequentialSampler(dataset), generator=torch.Generator()):
                    total += total_loss(model, x, y).item()
                    seen += y.numel()
            if seen < len(ids) - 1:
                x, y = WindowDataset(ids, len(ids) - 1 - seen, stride=1)[seen]
                total += total_loss(model, x[None], y[None]).item()
                seen += y.numel()
    finally:
        model.train(training)
    return total / seen


def train_on_book(
    model,
    train_ids,
    val_ids,
    *,
    steps,
    eval_every=100,
    batch_size=32,
    block_size=64,
    learning_rate=3e-3,
    seed=0,
    on_eval=None,
):
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be 1 or more")
    if len(train_ids) < block_size + 1 or len(val_ids) < 2:
        raise ValueError("too few ids")
    dataset = WindowDataset(train_ids, block_size, stride=1)
    generator = torch.Generator().manual_seed(seed)
    sampler = RandomSampler(dataset, replacement=True, num_samples=steps * batch_size, generator=generator)
    loader = DataLoader(dataset, batch_sampler=BatchSampler(sampler, batch_size, drop_last=True), generator=generator)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    history, losses, best = [], [], None
    training = model.training
    try:
        for step, (x, y) in enumerate(loader, start=1):
            model.train()
            loss = total_loss(model, x, y) / y.numel()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                if best is None or val_loss < best["loss"]:
                    best = {"loss": val_loss, "weights": {k: v.detach().clone() for k, v in model.state_dict().items()}}
                history.append((step, sum(losses) / len(losses), val_loss))
                losses.clear()
                if on_eval:
                    on_eval(*history[-1])
        model.load_state_dict(best["weights"])
    finally:
        model.train(training)
    return history
