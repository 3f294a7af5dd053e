import contextlib
import copy
import os
import uuid
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


# Step 1: read the book in pieces

def read_pieces(path, size=1_000_000):
    # read(-1) would mean "the whole file", so refuse such sizes
    if size < 1:
        raise ValueError("size must be at least 1")
    empty = True
    held = ""
    # "utf-8-sig" drops a byte order mark; newline="" leaves line ends alone, so a lone "\r" survives
    with open(path, encoding="utf-8-sig", newline="") as file:
        while True:
            try:
                # leave room for the held "\r", but always ask for at least one character
                new = file.read(max(1, size - len(held)))
            except UnicodeDecodeError as error:
                raise ValueError(f"{path} is not UTF-8 text") from error
            text = held + new
            # a "\r" at the very end may be half of "\r\n": keep it for the next round
            held = "\r" if new and text.endswith("\r") else ""
            text = text[:len(text) - len(held)].replace("\r\n", "\n")
            # nearly always one piece; two only if size is 1 and a lone "\r" was held
            for start in range(0, len(text), size):
                empty = False
                yield text[start:start + size]
            # read() gives "" only at the end of the file
            if not new:
                break
    if empty:
        raise ValueError(f"{path} is empty")


# Step 2: store the ids, open them, split them

def write_ids(path, pieces):
    path = Path(path)
    # same folder, so that os.replace stays on one disk; a random name, so that nothing is overwritten
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    count = 0
    try:
        # "x": fail rather than open a file that exists already
        with open(temporary, "xb") as file:
            for piece in pieces:
                array = np.asarray(piece)
                # an empty list has no minimum, and nothing to write
                if array.size == 0:
                    continue
                # check before the cast: astype would silently turn 65536 into 0
                # (ids too big for any integer type become objects or floats, hence the kind)
                if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 65535:
                    raise ValueError("every id must be a whole number from 0 to 65535")
                # "<u2" is uint16, little-endian, on every machine
                file.write(array.astype("<u2").tobytes())
                count += array.size
        # the file is closed and complete: swap it in
        os.replace(temporary, path)
    # BaseException also covers Ctrl-C
    except BaseException:
        # a failure to clean up must not hide the real error
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return count


def open_ids(path):
    length = os.path.getsize(path)
    # each id takes two bytes, so an odd length means a damaged file
    if length == 0 or length % 2:
        raise ValueError(f"{path} is empty or has an odd length")
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    # written with "not" so that nan is refused as well
    if not 0 <= share <= 1:
        raise ValueError("share must be from 0 to 1")
    cut = int(len(ids) * share)
    if cut == 0 or cut == len(ids):
        raise ValueError("both parts need at least one id")
    # slices of a memmap are views: nothing is read here
    return ids[:cut], ids[cut:]


# Step 3: measure the loss

def take(ids, start, stop):
    piece = ids[start:stop]
    if isinstance(piece, torch.Tensor):
        return piece.to(torch.int64)
    # np.array copies just this slice, so the read-only memmap is never shared with torch
    return torch.from_numpy(np.array(piece, dtype=np.int64))


def device_of(model):
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def get_modes(model):
    # each part has its own flag: a part you froze in eval mode must stay so
    return [(module, module.training) for module in model.modules()]


def set_modes(modes):
    for module, training in modes:
        module.training = training


def loss_of(model, inputs, answers, reduction):
    logits = model(inputs)
    # cross_entropy wants one row of logits per answer
    return F.cross_entropy(logits.reshape(-1, logits.size(-1)), answers.reshape(-1), reduction=reduction)


def evaluate(model, ids, block_size=64, batch_size=32):
    if len(ids) < 2:
        raise ValueError("evaluate needs at least 2 ids")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    # the last id has no answer, so there are len(ids) - 1 predictions
    predictions = len(ids) - 1
    full = predictions // block_size
    device = device_of(model)
    total = 0.0
    modes = get_modes(model)
    try:
        # eval mode switches dropout off
        model.eval()
        with torch.no_grad():
            for first in range(0, full, batch_size):
                rows = min(batch_size, full - first)
                # these windows lie side by side: one slice, plus one id for the last answer
                piece = take(ids, first * block_size, (first + rows) * block_size + 1).to(device)
                inputs = piece[:-1].reshape(rows, block_size)
                # the same ids, one place later
                answers = piece[1:].reshape(rows, block_size)
                total += loss_of(model, inputs, answers, "sum").item()
            # what is left over is the shorter last window
            if predictions % block_size:
                piece = take(ids, full * block_size, len(ids)).to(device)
                total += loss_of(model, piece[:-1].reshape(1, -1), piece[1:].reshape(1, -1), "sum").item()
    finally:
        set_modes(modes)
    return total / predictions


# Step 4: train and keep the best weights

def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if batch_size < 1 or block_size < 1:
        raise ValueError("batch_size and block_size must be at least 1")
    # a window needs block_size inputs and one more id for the last answer
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids needs at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids needs at least 2 ids")

    # an own generator: same seed, same windows, and the global one is left alone
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    device = device_of(model)
    history = []
    best_loss = float("inf")
    best_weights = None
    loss_sum = 0.0
    loss_count = 0
    modes = get_modes(model)
    try:
        for step in range(1, steps + 1):
            # in every step, since on_eval may have left the model in eval mode
            model.train()
            # the upper limit is exclusive: the last start is len(train_ids) - block_size - 1
            starts = torch.randint(len(train_ids) - block_size, (batch_size,), generator=generator).tolist()
            windows = torch.stack([take(train_ids, start, start + block_size + 1) for start in starts]).to(device)
            # contiguous, so that a model may use view() on its ids
            inputs = windows[:, :-1].contiguous()
            answers = windows[:, 1:]
            loss = loss_of(model, inputs, answers, "mean")
            # backward adds to old gradients, so clear them first
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item()
            loss_count += 1

            # one condition with "or", so a last step that is due anyway is evaluated only once
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                train_loss = loss_sum / loss_count
                loss_sum = 0.0
                loss_count = 0
                history.append((step, train_loss, val_loss))
                if val_loss < best_loss:
                    best_loss = val_loss
                    # state_dict() shares memory with the model, so a real copy is needed
                    best_weights = copy.deepcopy(model.state_dict())
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)
    # finally: also after an error or Ctrl-C
    finally:
        set_modes(modes)
        # None if no evaluation was reached, or if every val_loss was nan or infinite
        if best_weights is not None:
            model.load_state_dict(best_weights)
    return history
