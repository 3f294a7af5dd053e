# corpus.py - train a small GPT on a whole book

import copy
import os
import uuid
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_pieces(path, size=1_000_000):
    # A size of 0 would never get anywhere, and a negative size would read everything at once.
    if size < 1:
        raise ValueError("size must be at least 1")

    found_text = False
    held = ""  # a "\r" that waits for the next block

    # "utf-8-sig" drops a byte order mark. newline="" stops Python from changing line ends itself:
    # it would also change a lone "\r". Bad bytes raise UnicodeDecodeError, which is a ValueError.
    with open(path, "r", encoding="utf-8-sig", newline="") as file:
        while True:
            # Read the next block. An empty block means the end of the file.
            block = file.read(size)
            text = held + block
            held = ""

            # A "\r" at the end may be half of a "\r\n", so keep it for the next round.
            if block and text.endswith("\r"):
                held = "\r"
                text = text[:-1]

            # Now every "\r\n" is whole, and can be replaced.
            text = text.replace("\r\n", "\n")

            # With the held "\r", the text may be one character too long, so cut it to size.
            for start in range(0, len(text), size):
                found_text = True
                yield text[start : start + size]

            # At the end of the file, stop.
            if not block:
                break

    # A file without any text is an error.
    if not found_text:
        raise ValueError(f"{path} holds no text")


def write_ids(path, pieces):
    # Choose a new name in the same folder, so that os.replace need not move data between disks.
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    count = 0

    try:
        # "x" means: make a new file, and never overwrite one. "b" means: write bytes.
        with open(temporary, "xb") as file:
            for piece in pieces:
                # An empty piece has nothing to write (and no min or max).
                if len(piece) == 0:
                    continue

                # Check that each id fits into 16 bits.
                if min(piece) < 0 or max(piece) > 65535:
                    raise ValueError("every id must be from 0 to 65535")

                # "<u2" means: little-endian, unsigned, 2 bytes.
                file.write(np.array(piece, dtype="<u2").tobytes())
                count += len(piece)

        # The file is complete and closed. Put it in the place of path in one move.
        os.replace(temporary, path)
    except BaseException:
        # BaseException also covers Ctrl+C. Clean up, then pass the same error on.
        temporary.unlink(missing_ok=True)
        raise

    return count


def open_ids(path):
    # Each id takes 2 bytes, so the length must be even, and not 0.
    length = Path(path).stat().st_size
    if length == 0 or length % 2 != 0:
        raise ValueError(f"{path} is empty or has an odd number of bytes")

    # A memmap looks like an array, but its numbers stay on disk until they are used.
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    # Written with "not", this check also catches nan.
    if not 0 <= share <= 1:
        raise ValueError("share must be from 0 to 1")

    # Find the place of the cut, and check that both parts have something.
    cut = int(len(ids) * share)
    if cut == 0 or cut == len(ids):
        raise ValueError("both parts must have at least one id")

    return ids[:cut], ids[cut:]


def evaluate(model, ids, block_size=64, batch_size=32):
    # Check the arguments before anything is changed.
    if len(ids) < 2:
        raise ValueError("ids must have at least 2 ids")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")

    # Every id but the first is an answer.
    answers = len(ids) - 1

    # Count the full windows, and all windows (rounding up counts a shorter last one too).
    full_windows = answers // block_size
    windows = (answers + block_size - 1) // block_size  # PREDICT: how many windows do 100 ids make, with block_size 8?

    # Remember the mode, then switch to eval mode.
    was_training = model.training
    loss_sum = 0.0
    try:
        model.eval()
        with torch.no_grad():
            k = 0  # the number of the next window
            while k < windows:
                start = k * block_size

                # Take as many full windows as allowed, or the shorter last window alone.
                if k < full_windows:
                    count = min(batch_size, full_windows - k)
                    width = block_size
                else:
                    count = 1
                    width = answers - start

                # These windows lie side by side: take one slice, with one more id for the last
                # answer. astype makes a small int64 copy, so ids itself is never changed.
                part = np.asarray(ids[start : start + count * width + 1]).astype(np.int64)
                part = torch.from_numpy(part)

                # One row per window. The answers are the same ids, one place later.
                inputs = part[:-1].view(count, width)
                targets = part[1:].view(count, width)

                # Add up the losses. With "sum", a short window does not count too much.
                logits = model(inputs)
                loss = F.cross_entropy(
                    logits.reshape(-1, logits.size(-1)), targets.reshape(-1), reduction="sum"
                )
                loss_sum += loss.item()

                # Go on behind the windows that are done.
                k += count
    finally:
        # This runs after an error too.
        model.train(was_training)

    # Divide once, by the number of all answers.
    return loss_sum / answers


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    # Check everything before training starts.
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if batch_size < 1 or block_size < 1:
        raise ValueError("batch_size and block_size must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids must have at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids must have at least 2 ids")

    # Our own generator: the global random state stays untouched.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    history = []
    losses = []  # the losses of the steps since the last evaluation
    best_loss = float("inf")
    best_weights = None

    # Remember the mode, to put it back at the end.
    was_training = model.training
    try:
        for step in range(1, steps + 1):
            # Set train mode in each step, because on_eval may have changed it.
            model.train()

            # Draw the starts. randint leaves out its upper end, so the last possible start is
            # len(train_ids) - block_size - 1: the window and its last answer just fit.
            starts = torch.randint(
                len(train_ids) - block_size, (batch_size,), generator=generator
            )

            # Copy each window, with one more id for its last answer, and stack them as rows.
            rows = []
            for start in starts.tolist():
                row = np.asarray(train_ids[start : start + block_size + 1]).astype(np.int64)
                rows.append(row)
            batch = torch.from_numpy(np.stack(rows))

            # The answers are the inputs, one place later. contiguous() gives each its own memory.
            inputs = batch[:, :-1].contiguous()
            targets = batch[:, 1:].contiguous()

            # Forward: the mean cross-entropy of all positions.
            logits = model(inputs)
            loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), targets.reshape(-1))

            # Backward: clear the old gradients, find the new ones, change the weights.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

            # Evaluate after every eval_every steps, and after the last step.
            if step % eval_every == 0 or step == steps:
                train_loss = sum(losses) / len(losses)
                losses = []
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                history.append((step, train_loss, val_loss))

                # Remember the best weights. They need a real copy, because state_dict() shares
                # its memory with the model. "<" keeps the earlier of equals.
                if val_loss < best_loss:
                    best_loss = val_loss
                    best_weights = copy.deepcopy(model.state_dict())

                # Tell the caller.
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)

        # Load the best weights. There are none if every val_loss was nan or infinite.
        if best_weights is not None:
            model.load_state_dict(best_weights)
    finally:
        # This runs after an error too.
        model.train(was_training)

    return history
