"""corpus.py: read a book, store it as ids, and train a small GPT on it."""

import copy
import math
import os
import uuid
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_pieces(path, size=1_000_000):
    # This is a generator: nothing below runs until the first piece is asked for.
    # With a size of 0 or less, we could not read piece by piece.
    if size < 1:
        raise ValueError("size must be at least 1")

    # "utf-8-sig" is UTF-8 that drops a byte order mark at the beginning.
    # newline="" tells Python to leave line ends alone: we change "\r\n" ourselves,
    # because Python would also change a single "\r".
    # Bytes that are not UTF-8 raise UnicodeDecodeError, which is a kind of ValueError.
    with open(path, encoding="utf-8-sig", newline="") as file:
        found_text = False
        # A character that was read already, but belongs to the next piece.
        carry = ""

        while True:
            # Read on, so that the carried character and the new ones make at most size.
            piece = carry + file.read(size - len(carry))
            carry = ""

            # Nothing came: this is the end of the file.
            if piece == "":
                break

            # The border may lie between "\r" and "\n", so look one character ahead.
            if piece.endswith("\r"):
                following = file.read(1)
                if following == "\n":
                    # Complete the pair. The replacement below makes it one character again.
                    piece = piece + following
                else:
                    # It was a single "\r". Keep the other character for the next piece.
                    carry = following

            # Hand out the piece with simple line ends.
            found_text = True
            yield piece.replace("\r\n", "\n")

    # The file had no text, or only a byte order mark.
    if not found_text:
        raise ValueError(f"there is no text in {path}")


def write_ids(path, pieces):
    # The temporary file is in the same folder. Its random name belongs to no other file.
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    count = 0

    try:
        # "x" creates a new file and never overwrites one; "b" means bytes, not text.
        with open(temporary, "xb") as file:
            for piece in pieces:
                # An empty piece has no smallest or largest id, so skip it.
                if len(piece) == 0:
                    continue

                # Check that every id fits into 16 bits.
                if min(piece) < 0 or max(piece) > 65535:
                    raise ValueError("every id must be from 0 to 65535")

                # "<u2" means: little-endian, unsigned, 2 bytes per number.
                file.write(np.array(piece, dtype="<u2").tobytes())
                count += len(piece)

        # The new file is complete and closed. Put it in the place of path.
        os.replace(temporary, path)
    except BaseException:
        # BaseException also includes Ctrl+C. Clean up, then pass the error on.
        temporary.unlink(missing_ok=True)
        raise

    return count


def open_ids(path):
    # Each id takes 2 bytes, so the size must be even and more than 0.
    byte_count = os.path.getsize(path)
    if byte_count == 0:
        raise ValueError(f"{path} is empty")
    if byte_count % 2 != 0:
        raise ValueError(f"{path} has an odd number of bytes")

    # A memmap looks like an array, but its numbers stay on disk. "r" means read only.
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    # Written with "not", this check also refuses a share that is not a number (nan).
    if not 0 <= share <= 1:
        raise ValueError("share must be from 0 to 1")

    # Find the border, and make sure that both sides get something.
    border = int(len(ids) * share)
    if border == 0 or border == len(ids):
        raise ValueError("both parts must have at least one id")

    # Slices of an array or a tensor only point at the old numbers.
    return ids[:border], ids[border:]


def evaluate(model, ids, block_size=64, batch_size=32):
    # One id is not enough: an answer needs an id before it.
    if len(ids) < 2:
        raise ValueError("evaluate needs at least 2 ids")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")

    # Every id but the first is an answer.
    answer_count = len(ids) - 1
    # Windows that have all block_size answers.
    full_count = answer_count // block_size
    # All windows, with the shorter one at the end if there is one.
    window_count = math.ceil(answer_count / block_size)  # PREDICT: how many windows do 100 ids make, with block_size 8?

    # Remember the mode of the model and of each part inside it.
    modes = [(part, part.training) for part in model.modules()]
    total = 0.0

    try:
        # Eval mode switches off dropout. no_grad saves the work for gradients.
        model.eval()
        with torch.no_grad():
            window = 0
            while window < window_count:
                start = window * block_size

                if window < full_count:
                    # Take as many full windows as the batch and the text allow.
                    rows = min(batch_size, full_count - window)
                    width = block_size
                else:
                    # Only the shorter last window is left. It makes a batch alone.
                    rows = 1
                    width = answer_count - start

                # The windows lie next to each other, so one slice holds them all.
                # One more id is needed, for the last answer. torch.tensor makes a copy.
                stop = start + rows * width
                part_ids = torch.tensor(np.asarray(ids[start:stop + 1], dtype=np.int64))

                # The answers are the same ids, one place later.
                inputs = part_ids[:-1].reshape(rows, width)
                answers = part_ids[1:]

                # Add up the cross-entropies. "sum" counts every answer equally.
                logits = model(inputs)
                logits = logits.reshape(rows * width, -1)
                total += F.cross_entropy(logits, answers, reduction="sum").item()

                # Go on behind the windows that are done.
                window += rows
    finally:
        # This also runs after an error: give every part its old mode back.
        for part, was_training in modes:
            part.training = was_training

    # Divide once, by the number of all answers.
    return total / answer_count


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    # Check everything before the training begins.
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids must have at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids must have at least 2 ids")

    # Our own source of random numbers leaves the global one alone.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # What we collect on the way.
    history = []
    recent_losses = []
    best_loss = math.inf
    best_weights = None

    # Remember the mode of the model and of each part inside it.
    modes = [(part, part.training) for part in model.modules()]

    try:
        for step in range(1, steps + 1):
            # Set the mode in each step, because on_eval may have changed it.
            model.train()

            # Draw the starts. randint leaves out its upper limit, so the last possible
            # start is len(train_ids) - block_size - 1: its last answer is the last id.
            start_limit = len(train_ids) - block_size
            starts = torch.randint(0, start_limit, (batch_size,), generator=generator)

            # Cut out block_size + 1 ids per window, and turn only these into int64.
            rows = []
            for start in starts.tolist():
                row = np.asarray(train_ids[start:start + block_size + 1], dtype=np.int64)
                rows.append(torch.tensor(row))
            windows = torch.stack(rows)

            # The answers are the same ids, one place later.
            inputs = windows[:, :-1]
            answers = windows[:, 1:]

            # Put all positions into one long row, and take their mean cross-entropy.
            logits = model(inputs)
            logits = logits.reshape(batch_size * block_size, -1)
            loss = F.cross_entropy(logits, answers.reshape(-1))

            # Clear the old gradients, compute new ones, and change the weights.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            recent_losses.append(loss.item())

            # Measure after every eval_every steps, and after the last step.
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)

                # The mean since the evaluation before. Then begin a new list.
                train_loss = sum(recent_losses) / len(recent_losses)
                recent_losses = []
                history.append((step, train_loss, val_loss))

                # "<" and not "<=": of two equal losses, the earlier stays the best.
                # We need a real copy, because training goes on changing the weights.
                if val_loss < best_loss:
                    best_loss = val_loss
                    best_weights = copy.deepcopy(model.state_dict())

                # Report, if somebody wants to hear it.
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)

        # Go back to the best weights. There are none if every val_loss was nan or infinite.
        if best_weights is not None:
            model.load_state_dict(best_weights)
    finally:
        # This also runs after an error: give every part its old mode back.
        for part, was_training in modes:
            part.training = was_training

    return history
