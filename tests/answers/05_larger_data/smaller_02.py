import contextlib
import copy
import os
import secrets
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_pieces(path, size=1_000_000):
    # This is a generator: its errors appear when you iterate, not when you call it.
    if size < 1:
        raise ValueError("size must be at least 1")
    held = ""
    found = False
    # "utf-8-sig" drops a byte order mark; newline="\n" leaves every "\r" for us to handle.
    with open(path, encoding="utf-8-sig", newline="\n") as file:
        while True:
            try:
                # Counts characters, not bytes, so no character is ever cut in two.
                chunk = file.read(size)
            except UnicodeDecodeError as error:
                raise ValueError(f"{path} is not UTF-8 text: {error.reason}") from error
            text = held + chunk
            held = ""
            # A final "\r" may be the first half of "\r\n": keep it for the next round.
            if chunk and text.endswith("\r"):
                text, held = text[:-1], "\r"
            # A lone "\r" stays as it is.
            text = text.replace("\r\n", "\n")
            # The held "\r" can make text one character too long, so cut it to size again.
            for start in range(0, len(text), size):
                found = True
                yield text[start:start + size]
            # An empty read means the end of the file.
            if not chunk:
                break
    if not found:
        raise ValueError(f"{path} is empty")


def write_ids(path, pieces):
    path = Path(path)
    # Same folder, so that os.replace is one atomic rename on the same disk.
    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    count = 0
    try:
        # "x" refuses to overwrite a file that already has this name.
        with open(temporary, "xb") as file:
            for piece in pieces:
                array = np.asarray(piece)
                if array.ndim != 1:
                    raise ValueError("each piece must be a flat list of ids")
                # An empty list becomes a float array, so skip it before the type check.
                if array.size == 0:
                    continue
                # Check before converting: astype would silently wrap 65536 round to 0.
                if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 65535:
                    raise ValueError("ids must be whole numbers from 0 to 65535")
                # "<u2" is uint16, little-endian, on every machine.
                file.write(array.astype("<u2").tobytes())
                count += array.size
        # Only a complete and closed file takes the place of the old one.
        os.replace(temporary, path)
    # BaseException also covers Ctrl-C.
    except BaseException:
        # A problem while cleaning up must not hide the real error.
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return count


def open_ids(path):
    length = os.path.getsize(path)
    # Two bytes per id: an odd length means a damaged file, and memmap cannot map nothing.
    if length == 0 or length % 2:
        raise ValueError(f"{path} is empty or has an odd length")
    # Nothing is read yet; the system loads only the parts that are sliced later.
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    # Written with "not", this refuses NaN too.
    if not 0 <= share <= 1:
        raise ValueError("share must be from 0 to 1")
    cut = int(len(ids) * share)
    if cut == 0 or cut == len(ids):
        raise ValueError("both parts must hold at least one id")
    # Slices of an array, memmap or tensor are views: no ids are copied.
    return ids[:cut], ids[cut:]


def to_int64(part):
    # Called on small slices only, never on the whole book.
    if isinstance(part, torch.Tensor):
        return part.to(torch.int64)
    # np.array copies, so the read-only memmap is never shared with torch.
    return torch.from_numpy(np.array(part, dtype=np.int64))


def device_of(model):
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def get_modes(model):
    # Remember each submodule, because some may be in another mode than the model.
    return [(module, module.training) for module in model.modules()]


def set_modes(modes):
    for module, training in modes:
        module.training = training


def evaluate(model, ids, block_size=64, batch_size=32):
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    # The last id has no id after it, so there is one answer less than there are ids.
    answers = len(ids) - 1
    if answers < 1:
        raise ValueError("evaluate needs at least 2 ids")
    device = device_of(model)
    modes = get_modes(model)
    total = 0.0
    try:
        # Eval mode turns dropout off.
        model.eval()
        with torch.no_grad():
            start = 0
            while start < answers:
                left = answers - start
                # As many full windows as fit into one batch ...
                rows, width = min(batch_size, left // block_size), block_size
                # ... or, at the very end, the one shorter window.
                if rows == 0:
                    rows, width = 1, left
                # The windows lie side by side, so one slice plus one id holds the batch.
                part = to_int64(ids[start:start + rows * width + 1]).to(device)
                inputs = part[:-1].reshape(rows, width)
                # The answers are the same ids, one place later.
                targets = part[1:]
                logits = model(inputs)
                # A sum, not a mean: every id gets the same weight.
                loss = F.cross_entropy(
                    logits.reshape(-1, logits.size(-1)), targets, reduction="sum"
                )
                total += loss.item()
                start += rows * width
    finally:
        set_modes(modes)
    return total / answers


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32,
                  block_size=64, learning_rate=3e-3, seed=0, on_eval=None):
    # Check everything first, so that a bad call leaves the model untouched.
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if batch_size < 1 or block_size < 1:
        raise ValueError("batch_size and block_size must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids must hold at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids must hold at least 2 ids")
    device = device_of(model)
    # Our own generator: torch's global one is neither seeded nor used for the windows.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    history = []
    best_loss = float("inf")
    best_weights = None
    loss_sum = 0.0
    loss_count = 0
    modes = get_modes(model)
    try:
        for step in range(1, steps + 1):
            # In every step, because on_eval may have called model.eval().
            model.train()
            # The upper end is exclusive, so the last start still leaves block_size + 1 ids.
            starts = torch.randint(
                0, len(train_ids) - block_size, (batch_size,), generator=generator
            )
            # One id more than block_size, so that the last place has its answer too.
            windows = torch.stack(
                [to_int64(train_ids[s:s + block_size + 1]) for s in starts.tolist()]
            ).to(device)
            inputs = windows[:, :-1].contiguous()
            targets = windows[:, 1:]
            logits = model(inputs)
            loss = F.cross_entropy(
                logits.reshape(-1, logits.size(-1)), targets.reshape(-1)
            )
            # Old gradients would be added to the new ones, so clear them first.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # item() keeps the number only, not the graph behind it.
            loss_sum += loss.item()
            loss_count += 1
            # One "or", so a last step that is also an eval_every step is measured once.
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                train_loss = loss_sum / loss_count
                loss_sum, loss_count = 0.0, 0
                history.append((step, train_loss, val_loss))
                if val_loss < best_loss:
                    best_loss = val_loss
                    # state_dict() shares memory with the model, so a real copy is needed.
                    best_weights = copy.deepcopy(model.state_dict())
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)
    finally:
        # This runs after an error too; the inner finally restores the mode in any case.
        try:
            if best_weights is not None:
                model.load_state_dict(best_weights)
        finally:
            set_modes(modes)
    return history
