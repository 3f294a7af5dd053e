"""corpus.py: train a small GPT on a whole book."""

import copy
import os
import uuid
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_pieces(path, size=1_000_000):
    """Yield the text of a UTF-8 file in pieces of at most size characters."""
    if size < 1:
        raise ValueError("size must be at least 1")
    empty = True
    # One character that was read too early and belongs to the next piece.
    ahead = ""
    # "utf-8-sig" drops a byte order mark; newline="" stops Python from also
    # turning a lone "\r" into "\n".
    with open(path, encoding="utf-8-sig", newline="") as file:
        while True:
            try:
                text = ahead + file.read(size - len(ahead))
                # A piece may end in the middle of "\r\n": look one further.
                ahead = file.read(1) if text.endswith("\r") else ""
            except UnicodeDecodeError as error:
                raise ValueError(f"{path} is not UTF-8: {error}") from error
            if not text:
                break
            empty = False
            # It was a split "\r\n": the replace below makes it one character.
            if ahead == "\n":
                text, ahead = text + ahead, ""
            yield text.replace("\r\n", "\n")
    if empty:
        raise ValueError(f"{path} is empty")


def write_ids(path, pieces):
    """Write lists of ids as little-endian uint16; return how many."""
    path = Path(path)
    # Same folder, because os.replace is only atomic within one file system.
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    count = 0
    try:
        # "x": never overwrite a file that already exists.
        with open(temporary, "xb") as file:
            for piece in pieces:
                array = np.asarray(piece)
                # An empty list would become a float array: nothing to write.
                if array.size == 0:
                    continue
                # Check before converting: astype would silently wrap 65536 to 0.
                if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 65535:
                    raise ValueError("ids must be whole numbers from 0 to 65535")
                # "<u2" is little-endian uint16 on every machine.
                file.write(array.astype("<u2").tobytes())
                count += array.size
        # The file is closed and complete here: swap it in.
        os.replace(temporary, path)
    # BaseException, so that Ctrl-C cleans up too.
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return count


def open_ids(path):
    """Map a file of ids without loading it."""
    length = os.path.getsize(path)
    # Two bytes per id: an odd length means a damaged or foreign file.
    if length == 0 or length % 2:
        raise ValueError(f"{path} is empty or has an odd length")
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    """Return the first int(len(ids) * share) ids and the rest."""
    # Written with "not", so that a NaN is refused as well.
    if not 0 <= share <= 1:
        raise ValueError("share must be from 0 to 1")
    cut = int(len(ids) * share)
    if cut == 0 or cut == len(ids):
        raise ValueError("both parts need at least one id")
    # Slices of a memmap stay on disk.
    return ids[:cut], ids[cut:]


def _tensor(ids, start, stop):
    """Copy a small slice of ids into an int64 tensor."""
    part = ids[start:stop]
    if isinstance(part, torch.Tensor):
        return part.to(torch.int64)
    # np.array copies, so the tensor never points into a read-only memmap.
    return torch.from_numpy(np.array(part, dtype=np.int64))


def _device(model):
    """Return where the model lives."""
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def _modes(model):
    """Remember train or eval mode for each part of the model."""
    return [(module, module.training) for module in model.modules()]


def _restore(modes):
    """Put every part back into its remembered mode."""
    for module, training in modes:
        module.training = training


def evaluate(model, ids, block_size=64, batch_size=32):
    """Return the mean cross-entropy over all ids except the first."""
    if len(ids) < 2:
        raise ValueError("evaluate needs at least 2 ids")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    # The first id has nothing before it, so it is never an answer.
    answers = len(ids) - 1
    full = answers // block_size
    # Each batch: where it starts, how many windows, how long they are.
    batches = [
        (first * block_size, min(batch_size, full - first), block_size)
        for first in range(0, full, batch_size)
    ]
    # The shorter last window gets a batch of its own, without padding.
    if full * block_size < answers:
        batches.append((full * block_size, 1, answers - full * block_size))
    device = _device(model)
    modes = _modes(model)
    total = 0.0
    try:
        model.eval()
        with torch.no_grad():
            for start, rows, length in batches:
                # The windows are neighbours: one slice holds them all, plus
                # one id for the last answer.
                chunk = _tensor(ids, start, start + rows * length + 1).to(device)
                logits = model(chunk[:-1].view(rows, length))
                # Sum, not mean: a short window must not weigh more per id.
                loss = F.cross_entropy(
                    logits.reshape(-1, logits.size(-1)), chunk[1:], reduction="sum"
                )
                total += loss.item()
    finally:
        _restore(modes)
    return total / answers


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32,
                  block_size=64, learning_rate=3e-3, seed=0, on_eval=None):
    """Train, keep the best weights, return [(step, train_loss, val_loss), ...]."""
    # Check everything first, so that a mistake leaves the model untouched.
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids needs at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids needs at least 2 ids")
    device = _device(model)
    # A generator of our own: same seed, same windows, global state untouched.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    history = []
    losses = []
    best_loss = float("inf")
    best_weights = None
    modes = _modes(model)
    try:
        for step in range(1, steps + 1):
            # In every step, because on_eval may have switched to eval mode.
            model.train()
            # randint excludes its upper end, so the last start still has
            # block_size + 1 ids.
            starts = torch.randint(
                len(train_ids) - block_size, (batch_size,), generator=generator
            )
            # One id more than block_size: the answers are one place later.
            rows = torch.stack(
                [_tensor(train_ids, s, s + block_size + 1) for s in starts.tolist()]
            ).to(device)
            logits = model(rows[:, :-1].contiguous())
            loss = F.cross_entropy(
                logits.reshape(-1, logits.size(-1)), rows[:, 1:].reshape(-1)
            )
            # Gradients add up in PyTorch, so clear the old ones first.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # item() keeps the number and lets the graph go.
            losses.append(loss.item())
            # "or" makes it one evaluation when both are true.
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                train_loss = sum(losses) / len(losses)
                losses = []
                if val_loss < best_loss:
                    best_loss = val_loss
                    # state_dict shares memory with the model: a real copy is
                    # needed, or training would change it.
                    best_weights = copy.deepcopy(model.state_dict())
                history.append((step, train_loss, val_loss))
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)
    # Runs after an error or Ctrl-C too.
    finally:
        _restore(modes)
        # None if it stopped before the first evaluation: nothing to load.
        if best_weights is not None:
            model.load_state_dict(best_weights)
    return history
