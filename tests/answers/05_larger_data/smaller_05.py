"""Train a small GPT on a whole book without loading the book into memory."""

import contextlib
import copy
import os
import uuid
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


# Step 1: read the book

def read_pieces(path, size=1_000_000):
    """Yield the text of a UTF-8 file in pieces of at most size characters."""
    # read(-1) would read everything and read(0) nothing
    if size < 1:
        raise ValueError("size must be at least 1")
    held = ""
    empty = True
    # utf-8-sig drops a byte order mark; newline="" leaves line ends to us
    with open(path, encoding="utf-8-sig", newline="") as file:
        while True:
            try:
                # at most size characters; "" means the end of the file
                chunk = file.read(size)
            except UnicodeDecodeError as error:
                raise ValueError(f"{path} is not UTF-8 text") from error
            text = held + chunk
            held = ""
            # the "\n" of this "\r" may be the first character of the next chunk
            if chunk and text.endswith("\r"):
                text, held = text[:-1], "\r"
            text = text.replace("\r\n", "\n")
            # a held "\r" can make text one character too long, so cut it again
            for start in range(0, len(text), size):
                empty = False
                yield text[start:start + size]
            if not chunk:
                break
    # also true for a file that holds only a byte order mark
    if empty:
        raise ValueError(f"{path} is empty")


# Step 2: store the ids

def write_ids(path, pieces):
    """Write lists of ids as little-endian uint16 and return how many there are."""
    path = Path(path)
    # same folder, because os.replace cannot move across file systems
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    count = 0
    try:
        # "x" refuses to overwrite a file that already exists
        with open(temporary, "xb") as file:
            for piece in pieces:
                # no dtype here: a forced uint16 could wrap or cut wrong ids
                array = np.asarray(piece)
                if array.size == 0:
                    continue
                # kinds i and u are integers; huge ints become another kind
                if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 65535:
                    raise ValueError("ids must be integers from 0 to 65535")
                # "<u2" is little-endian uint16 on every machine
                file.write(array.astype("<u2").tobytes())
                count += array.size
        # the file is closed and complete: now it takes the place of the old one
        os.replace(temporary, path)
    # BaseException includes Ctrl-C
    except BaseException:
        # a failing clean-up must not hide the real error
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return count


def open_ids(path):
    """Map a file of ids into memory, read-only."""
    length = os.path.getsize(path)
    # every id takes exactly two bytes
    if length == 0 or length % 2:
        raise ValueError(f"{path} is empty or has an odd length")
    # only the parts that are used get read from the disk
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    """Return the first int(len(ids) * share) ids and the rest."""
    # written this way round, the test also rejects NaN
    if not 0 <= share <= 1:
        raise ValueError("share must be from 0 to 1")
    cut = int(len(ids) * share)
    if cut == 0 or cut == len(ids):
        raise ValueError("one part would be empty")
    # slices of a memmap are views, nothing is loaded
    return ids[:cut], ids[cut:]


# Step 3: measure the model

def _to_tensor(part):
    """Make an int64 tensor of a small slice of ids."""
    if isinstance(part, torch.Tensor):
        return part.to(torch.int64)
    # np.array copies, so the read-only memmap stays out of torch
    return torch.from_numpy(np.array(part, dtype=np.int64))


def _device_of(model):
    """Return the device of the model's weights."""
    for parameter in model.parameters():
        return parameter.device
    return torch.device("cpu")


def _get_modes(model):
    """Remember the mode of every module."""
    return [(module, module.training) for module in model.modules()]


def _restore_modes(modes):
    """Give every module its remembered mode back."""
    for module, training in modes:
        module.training = training


def _cross_entropy(model, inputs, answers, reduction):
    """Return the loss of the model's predictions, as a sum or a mean."""
    logits = model(inputs)
    # one row of logits for each answer
    return F.cross_entropy(
        logits.reshape(-1, logits.size(-1)), answers.reshape(-1), reduction=reduction
    )


def evaluate(model, ids, block_size=64, batch_size=32):
    """Return the mean cross-entropy over all len(ids) - 1 predictions."""
    if len(ids) < 2:
        raise ValueError("at least 2 ids are needed")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    device = _device_of(model)
    # the last id is only an answer, so there is one prediction less than ids
    predictions = len(ids) - 1
    total = 0.0
    position = 0
    modes = _get_modes(model)
    try:
        # switches dropout off
        model.eval()
        with torch.no_grad():
            while position < predictions:
                # as many full windows as are left, at most batch_size
                rows = min((predictions - position) // block_size, batch_size)
                width = block_size
                # no full window left: the shorter last one goes alone
                if rows == 0:
                    rows, width = 1, predictions - position
                end = position + rows * width
                # one id more than inputs, for the answer to the last input
                part = _to_tensor(ids[position:end + 1]).to(device)
                inputs = part[:-1].reshape(rows, width)
                # the same ids, one place later
                answers = part[1:].reshape(rows, width)
                total += _cross_entropy(model, inputs, answers, "sum").item()
                position = end
    finally:
        _restore_modes(modes)
    return total / predictions


# Step 4: train the model

def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100,
                  batch_size=32, block_size=64, learning_rate=3e-3, seed=0,
                  on_eval=None):
    """Train the model, leave it with its best weights, return the history."""
    # all checks come before anything changes
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if batch_size < 1 or block_size < 1:
        raise ValueError("batch_size and block_size must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids needs at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids needs at least 2 ids")
    device = _device_of(model)
    # our own generator: the global random state is not touched
    generator = torch.Generator(device="cpu").manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    history = []
    best_loss = float("inf")
    best_weights = None
    loss_sum = 0.0
    loss_count = 0
    modes = _get_modes(model)
    try:
        for step in range(1, steps + 1):
            # in every step, in case on_eval left the model in eval mode
            model.train()
            # the upper end is exclusive: the last start still has its answers
            starts = torch.randint(len(train_ids) - block_size, (batch_size,),
                                   generator=generator, device="cpu").tolist()
            # each row holds block_size inputs and one more id
            rows = torch.stack([
                _to_tensor(train_ids[start:start + block_size + 1])
                for start in starts
            ]).to(device)
            # inputs are all but the last id, answers all but the first
            loss = _cross_entropy(model, rows[:, :-1], rows[:, 1:], "mean")
            # gradients add up unless they are cleared
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # item() gives a plain number and lets go of the graph
            loss_sum += loss.item()
            loss_count += 1
            # "or", so that a last step that is due anyway counts once
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                train_loss = loss_sum / loss_count
                # the next mean starts afresh
                loss_sum, loss_count = 0.0, 0
                history.append((step, train_loss, val_loss))
                if val_loss < best_loss:
                    best_loss = val_loss
                    # a real copy: state_dict shares memory with the model
                    best_weights = copy.deepcopy(model.state_dict())
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)
    # runs after an error and after Ctrl-C too
    finally:
        _restore_modes(modes)
        # None if no evaluation gave a finite loss
        if best_weights is not None:
            model.load_state_dict(best_weights)
    return history
