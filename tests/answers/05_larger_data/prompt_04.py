"""corpus.py: train a small GPT on a whole book."""

import copy
import os
import secrets
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_pieces(path, size=1_000_000):
    """Yield the text of a UTF-8 file in pieces of at most size characters.

    This is a generator: nothing happens, and no error is raised, before the first piece is asked for.
    """
    # read(0) would give nothing, and read(-1) would read the whole file.
    if size < 1:
        raise ValueError("size must be at least 1")

    at_beginning = True  # is the next chunk the first one?
    found_text = False   # has any piece been yielded?
    held_back = ""       # "" or one "\r" that is still waiting for its next character

    # newline="" switches off Python's own changes, which would also turn a lone "\r" into "\n".
    with open(path, encoding="utf-8", newline="") as file:
        while True:
            # Read at most size characters. Wrong bytes raise UnicodeDecodeError, which is a kind of ValueError.
            chunk = file.read(size)

            # An empty string means: the end of the file.
            if chunk == "":
                break

            # Drop a byte order mark, but only at the very beginning.
            if at_beginning:
                chunk = chunk.removeprefix("\ufeff")
                at_beginning = False

            # Put the "\r" from the last round back in front.
            text = held_back + chunk
            held_back = ""

            # A "\r" at the end may be the first half of "\r\n", so keep it for the next round.
            if text.endswith("\r"):
                held_back = "\r"
                text = text[:-1]

            # Now no "\r\n" is cut in two, and all of them can be replaced.
            text = text.replace("\r\n", "\n")

            # The held back "\r" can make text one character too long, so cut it again.
            # If text is empty, this loop does nothing.
            for start in range(0, len(text), size):
                found_text = True
                yield text[start:start + size]

    # The last character of the file was a "\r" with no "\n" behind it.
    if held_back:
        found_text = True
        yield held_back

    # Not one character: the file was empty, or only a byte order mark.
    if not found_text:
        raise ValueError(f"{path} holds no text")


def write_ids(path, pieces):
    """Write lists of ids to path, as uint16, little-endian. Return how many ids were written."""
    # The temporary file is in the same folder. The random part keeps its name from hitting another file.
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    count = 0

    # "x" creates a new file and never overwrites one. If this fails, there is nothing to clean up.
    file = open(temporary, "xb")
    try:
        with file:
            for piece in pieces:
                # Check before numpy sees the ids. min and max need at least one id.
                if len(piece) > 0 and (min(piece) < 0 or max(piece) > 65535):
                    raise ValueError("every id must be from 0 to 65535")

                # "<u2" means: little-endian (<), unsigned (u), 2 bytes.
                file.write(np.array(piece, dtype="<u2").tobytes())
                count += len(piece)

        # The file is complete and closed. Put it in the place of path in one move.
        os.replace(temporary, path)
    except BaseException:
        # BaseException also covers Ctrl-C. Remove the temporary file, then pass the error on.
        temporary.unlink(missing_ok=True)
        raise

    return count


def open_ids(path):
    """Open a file of ids without reading it into memory."""
    # Each id takes 2 bytes, so the length must be even, and not 0.
    length = os.path.getsize(path)
    if length == 0:
        raise ValueError(f"{path} is empty")
    if length % 2 != 0:
        raise ValueError(f"{path} has an odd number of bytes")

    # Mode "r" means read only: the file cannot be changed through this array.
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    """Cut ids into a training part and a validation part."""
    # The share must be from 0 to 1.
    if not 0 <= share <= 1:
        raise ValueError("share must be from 0 to 1")

    # Everything before cut is for training, the rest is for validation.
    cut = int(len(ids) * share)
    if cut == 0 or cut == len(ids):
        raise ValueError("both parts need at least one id")

    # A slice of an array or a tensor is only a view: no id is copied. (Python copies when it slices a list.)
    return ids[:cut], ids[cut:]


def evaluate(model, ids, block_size=64, batch_size=32):
    """Return the mean cross-entropy of all answers in ids."""
    # One id to show and one answer is the least that can be measured.
    if len(ids) < 2:
        raise ValueError("ids must hold at least 2 ids")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")

    # Each id but the first is an answer.
    answers = len(ids) - 1

    # Divide and round up, so that a shorter last window counts too.
    windows = (answers + block_size - 1) // block_size  # PREDICT: how many windows do 100 ids make, with block_size 8?

    # A model is built of parts, and each part has its own mode. Remember them all.
    modes = [(part, part.training) for part in model.modules()]

    total = 0.0
    window = 0  # the number of the next window to show
    try:
        model.eval()
        with torch.no_grad():
            while window < windows:
                # Where the next window starts, and how many full windows fit from there on.
                start = window * block_size
                full_windows = (answers - start) // block_size

                # Take as many full windows as allowed. If none is left, take the shorter last window alone.
                if full_windows > 0:
                    rows = min(batch_size, full_windows)
                    width = block_size
                else:
                    rows = 1
                    width = answers - start

                # These windows lie side by side in the text. One id more is needed, for the last answer.
                piece = ids[start:start + rows * width + 1]

                # Turn only this small slice into an int64 tensor.
                if not isinstance(piece, torch.Tensor):
                    piece = torch.from_numpy(np.array(piece, dtype=np.int64))
                piece = piece.to(torch.int64)

                # The answers are the same ids, one place later.
                inputs = piece[:-1].reshape(rows, width)  # (rows, width)
                targets = piece[1:].reshape(-1)           # (rows * width,)

                # Put all places in one long row, as cross_entropy wants it: (rows * width, vocab_size).
                logits = model(inputs)
                logits = logits.reshape(-1, logits.shape[-1])

                # Add up the losses, and take no mean yet: a short window must not count as much as a full one.
                total += F.cross_entropy(logits, targets, reduction="sum").item()

                # Go on behind the windows just shown.
                window += rows
    finally:
        # This runs after an error too: give each part its old mode.
        for part, mode in modes:
            part.training = mode

    # Only here does the sum become a mean.
    return total / answers


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    """Train the model, and leave it with the weights that had the lowest validation loss."""
    # Check everything before anything is trained.
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids must hold at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids must hold at least 2 ids")

    # Our own source of random numbers: the global one is not touched.
    generator = torch.Generator().manual_seed(seed)

    # Remember the mode of each part of the model.
    modes = [(part, part.training) for part in model.modules()]

    history = []
    losses = []               # the losses of the steps since the last evaluation
    best_loss = float("inf")  # higher than any loss, so the first evaluation beats it
    best_weights = None

    try:
        optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

        for step in range(1, steps + 1):
            # Set the mode in every step, because on_eval may have changed it.
            model.train()

            # Draw where the windows start. randint never draws its upper limit, so the last possible start is
            # len(train_ids) - block_size - 1: its last answer is the very last id.
            starts = torch.randint(0, len(train_ids) - block_size, (batch_size,), generator=generator)

            # Cut out each window with one id more, and turn only this small slice into an int64 tensor.
            pieces = []
            for start in starts.tolist():
                piece = train_ids[start:start + block_size + 1]
                if not isinstance(piece, torch.Tensor):
                    piece = torch.from_numpy(np.array(piece, dtype=np.int64))
                pieces.append(piece.to(torch.int64))
            batch = torch.stack(pieces)  # (batch_size, block_size + 1)

            # The model sees all ids but the last. The answers are all ids but the first.
            inputs = batch[:, :-1].contiguous()  # (batch_size, block_size)
            targets = batch[:, 1:].reshape(-1)   # (batch_size * block_size,)

            # The mean cross-entropy of all positions.
            logits = model(inputs)
            loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets)

            # Forget the old gradients, compute the new ones, and change the weights.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

            # item() makes a Python float.
            losses.append(loss.item())

            # Evaluate after every eval_every steps, and after the last step. "or" makes it once, even if both are true.
            if step % eval_every == 0 or step == steps:
                train_loss = sum(losses) / len(losses)
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                history.append((step, train_loss, val_loss))

                # Start a new list for the next stretch of steps.
                losses = []

                # "<" and not "<=": of two equal losses, the earlier stays. A real copy is needed, because
                # state_dict() only points at the weights, and training goes on changing them.
                if val_loss < best_loss:
                    best_loss = val_loss
                    best_weights = copy.deepcopy(model.state_dict())

                # Tell the caller, if the caller wants to know.
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)

        # Go back to the best weights. There are none if every val_loss was nan ("not a number") or infinite.
        if best_weights is not None:
            model.load_state_dict(best_weights)
    finally:
        # This runs after an error too: give each part its old mode.
        for part, mode in modes:
            part.training = mode

    return history
