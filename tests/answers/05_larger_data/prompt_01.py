"""corpus.py: train a small GPT on a whole book.

The ids stay in a file on the disk. Only small slices of them become tensors.
Everything here runs on the CPU.
"""

import copy
import os
import uuid
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_pieces(path, size=1_000_000):
    """Yield the text of a UTF-8 file in pieces of at most size characters."""
    # A size below 1 makes no sense (and read(-1) would read the whole file).
    if size < 1:
        raise ValueError("size must be at least 1")

    # "utf-8-sig" drops a byte order mark at the beginning.
    # newline="" leaves the line ends alone: we change "\r\n" ourselves, because
    # Python's own translation would change a lone "\r" as well.
    # Bytes that are not UTF-8 raise UnicodeDecodeError, which is a ValueError.
    with open(path, "r", encoding="utf-8-sig", newline="") as file:
        found_text = False

        # A character that was read early, and belongs to the next piece.
        carry = ""

        while True:
            # Fill the piece up to size characters.
            piece = carry + file.read(size - len(carry))
            carry = ""

            # Nothing came: this is the end of the file.
            if piece == "":
                break
            found_text = True

            # A "\r" at the end may be the first half of "\r\n", so look one
            # character further. A "\n" belongs to this piece. Anything else
            # must wait for the next piece.
            if piece.endswith("\r"):
                next_char = file.read(1)
                if next_char == "\n":
                    piece = piece + next_char
                else:
                    carry = next_char

            # If we added a "\n", this makes the piece one shorter again.
            yield piece.replace("\r\n", "\n")

        # The file was empty, or held only a byte order mark.
        if not found_text:
            raise ValueError(f"there is no text in {path}")


def write_ids(path, pieces):
    """Write lists of ids to a file as uint16, and return how many there were."""
    # The temporary file lies in the same folder. A random part in its name
    # makes sure that it hits no other file. (uuid4 does not use Python's
    # global random state.)
    path = Path(path)
    temp_path = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    count = 0

    try:
        # "xb": make a new file for bytes.
        with open(temp_path, "xb") as file:
            for piece in pieces:
                # An empty piece has no smallest and no largest id: skip it.
                if len(piece) == 0:
                    continue

                # Two bytes can hold the numbers 0 to 65535.
                if min(piece) < 0 or max(piece) > 65535:
                    raise ValueError("every id must be between 0 and 65535")

                # "<u2": little-endian (<), unsigned (u), 2 bytes each.
                file.write(np.array(piece, dtype="<u2").tobytes())
                count += len(piece)

        # The new file is complete and closed: put it in the place of path.
        os.replace(temp_path, path)
    finally:
        # This runs after an error too, and the error is then passed on.
        # After os.replace the temporary file is gone, and that is fine.
        temp_path.unlink(missing_ok=True)

    return count


def open_ids(path):
    """Open a file of ids as a 1-D array that stays on the disk."""
    # Each id takes two bytes, so the length must be even, and not 0.
    byte_count = Path(path).stat().st_size
    if byte_count == 0:
        raise ValueError(f"{path} is empty")
    if byte_count % 2 != 0:
        raise ValueError(f"{path} has an odd number of bytes")

    # Mode "r" means: read only.
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    """Cut the ids into a part for training and a part for validation."""
    # The share is a part of the whole.
    if not 0 <= share <= 1:
        raise ValueError("share must be between 0 and 1")

    # Find the place of the cut. Both sides of it need at least one id.
    cut = int(len(ids) * share)
    if cut == 0 or cut == len(ids):
        raise ValueError("one of the two parts would be empty")

    return ids[:cut], ids[cut:]


def evaluate(model, ids, block_size=64, batch_size=32):
    """Return the mean cross-entropy of all answers in ids."""
    # Check the arguments.
    if len(ids) < 2:
        raise ValueError("evaluate needs at least 2 ids")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")

    # Each id but the first is an answer.
    answer_count = len(ids) - 1

    # Count the windows that have block_size answers.
    full_count = answer_count // block_size

    # Count all windows: round up, so that a shorter last one is not left out.
    window_count = (answer_count + block_size - 1) // block_size  # PREDICT: how many windows do 100 ids make, with block_size 8?

    # Remember the mode, so that we can put the model back into it.
    was_training = model.training
    total = 0.0

    try:
        model.eval()
        with torch.no_grad():
            # k is the number of the first window that was not shown yet.
            k = 0
            while k < window_count:
                start = k * block_size

                # Full windows go together, as the rows of one batch.
                # A shorter last window has another width, so it goes alone.
                if k < full_count:
                    rows = min(batch_size, full_count - k)
                    width = block_size
                else:
                    rows = 1
                    width = answer_count - start

                # Windows lie side by side in the text, so one slice holds them
                # all. The + 1 is for the last answer. torch.tensor makes a
                # copy, so ids itself can never change.
                part = ids[start : start + rows * width + 1]
                chunk = torch.tensor(np.asarray(part, dtype=np.int64))

                # The answers are the inputs, one place later.
                x = chunk[:-1].view(rows, width)
                y = chunk[1:].view(rows, width)

                # Add up the cross-entropies: "sum", because a mean of means
                # would give the answers of a short window too much weight.
                logits = model(x)
                loss = F.cross_entropy(
                    logits.reshape(-1, logits.size(-1)),
                    y.reshape(-1),
                    reduction="sum",
                )
                total += loss.item()

                # Go on after the windows of this batch.
                k += rows
    finally:
        # Put the model back into its mode, after an error too.
        model.train(was_training)

    # Divide only once, by the number of all answers.
    return total / answer_count


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    """Train the model, keep its best weights, and return the history."""
    # Check everything before anything is trained.
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids needs at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids needs at least 2 ids")

    # Our own source of random numbers: the global one is not touched.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # The optimizer changes the weights.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # What we remember on the way.
    history = []
    recent_losses = []
    best_val_loss = float("inf")
    best_weights = None
    was_training = model.training

    try:
        for step in range(1, steps + 1):
            # Set train mode in each step, as on_eval may have changed it.
            model.train()

            # Draw the places where the windows start. randint never gives its
            # upper limit itself, so the last possible start is
            # len(train_ids) - block_size - 1. Its last answer is the last id.
            starts = torch.randint(
                len(train_ids) - block_size, (batch_size,), generator=generator
            )

            # Cut out each window, with one more id for its last answer.
            rows = []
            for start in starts.tolist():
                part = train_ids[start : start + block_size + 1]
                rows.append(np.asarray(part, dtype=np.int64))

            # Stack the rows: the shape is (batch_size, block_size + 1).
            chunk = torch.tensor(np.stack(rows))

            # The answers are the inputs, one place later. contiguous() lays
            # the numbers side by side in memory, so the model may use view().
            x = chunk[:, :-1].contiguous()
            y = chunk[:, 1:].contiguous()

            # Forward: the mean cross-entropy of all positions.
            logits = model(x)
            loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), y.reshape(-1))

            # Backward: clear the old gradients, compute new ones, take a step.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            recent_losses.append(loss.item())

            # Evaluate after every eval_every steps, and after the last step.
            # The "or" makes sure that it never happens twice in one step.
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)

                # The mean of the losses since the evaluation before.
                train_loss = sum(recent_losses) / len(recent_losses)
                recent_losses = []
                history.append((step, train_loss, val_loss))

                # Remember the best weights. It must be a real copy, because
                # training goes on changing the weights of the model.
                # With "<", the earlier of two equals stays.
                if val_loss < best_val_loss:
                    best_val_loss = val_loss
                    best_weights = copy.deepcopy(model.state_dict())

                # Tell the caller, if wanted.
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)

        # Load the best weights. There are none if no val_loss was a finite
        # number (nan or inf): then the model keeps its last weights.
        if best_weights is not None:
            model.load_state_dict(best_weights)
    finally:
        # Put the model back into its mode, after an error too.
        model.train(was_training)

    return history
