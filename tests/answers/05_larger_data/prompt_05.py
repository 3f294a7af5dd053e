# corpus.py: from a whole book to ids on disk, and training on them

import copy
import os
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_pieces(path, size=1_000_000):
    # This is a generator: it runs, and raises its errors, only when you loop over it.
    if size < 1:
        raise ValueError("size must be at least 1")

    # "utf-8-sig" drops a byte order mark. newline="" leaves every "\r" and "\n" as it is.
    # Bytes that are not UTF-8 raise a UnicodeDecodeError, which is a kind of ValueError.
    with open(path, encoding="utf-8-sig", newline="") as file:
        found_text = False
        held_back = ""
        while True:
            # Read the next characters. An empty string means: end of the file.
            chunk = file.read(size)
            text = held_back + chunk
            held_back = ""

            # A "\r" at the end may be the first half of "\r\n": keep it for the next round.
            if chunk and text.endswith("\r"):
                held_back = "\r"
                text = text[:-1]

            # Only the pair is changed. A "\r" alone stays.
            text = text.replace("\r\n", "\n")

            # With a held back "\r", text can be one character too long, so cut it to size.
            for start in range(0, len(text), size):
                found_text = True
                yield text[start:start + size]

            # Stop at the end of the file.
            if not chunk:
                break

        # Nothing was yielded: the file was empty, or held only a byte order mark.
        if not found_text:
            raise ValueError(f"{path} holds no text")


def write_ids(path, pieces):
    path = Path(path)

    # Make a temporary file with a free name in the same folder as path.
    # delete=False: closing the file must not delete it.
    temp_file = tempfile.NamedTemporaryFile(
        mode="wb", dir=path.parent, suffix=".tmp", delete=False
    )

    try:
        count = 0
        # "with" closes the file at the end, so that everything is really written.
        with temp_file:
            for piece in pieces:
                # min and max do not work on an empty list, and there is nothing to write.
                if len(piece) == 0:
                    continue

                # Check before numpy sees the ids: uint16 holds only 0 to 65535.
                if min(piece) < 0 or max(piece) > 65535:
                    raise ValueError("every id must be from 0 to 65535")

                # "<u2" means: little-endian (<), unsigned (u), 2 bytes per id.
                temp_file.write(np.array(piece, dtype="<u2").tobytes())
                count += len(piece)

        # Everything worked: put the new file in the place of the old one, in one move.
        os.replace(temp_file.name, path)
    except BaseException:
        # BaseException includes Ctrl-C. Delete the temporary file and pass the error on.
        Path(temp_file.name).unlink(missing_ok=True)
        raise

    return count


def open_ids(path):
    # Two bytes make one id, so the length must be even, and not 0.
    byte_count = os.path.getsize(path)
    if byte_count == 0:
        raise ValueError(f"{path} is empty")
    if byte_count % 2 != 0:
        raise ValueError(f"{path} has an odd number of bytes")

    # A memmap looks like an array, but its numbers stay in the file until they are needed.
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    # "not (...)" also catches nan, for which every comparison is False.
    if not (0 <= share <= 1):
        raise ValueError("share must be from 0 to 1")

    # Find the place of the cut. Both parts need at least one id.
    cut = int(len(ids) * share)
    if cut == 0 or cut == len(ids):
        raise ValueError("both parts must hold at least one id")

    # Slices of tensors, arrays and memmaps copy no ids. (Python copies slices of plain lists.)
    return ids[:cut], ids[cut:]


def evaluate(model, ids, block_size=64, batch_size=32):
    # Check the arguments.
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    if len(ids) < 2:
        raise ValueError("evaluate needs at least 2 ids")

    # Each id but the first is an answer.
    answer_count = len(ids) - 1

    # Count the windows that are full.
    full_count = answer_count // block_size

    # Count all windows. Adding block_size - 1 first makes the division round up.
    window_count = (answer_count + block_size - 1) // block_size  # PREDICT: how many windows do 100 ids make, with block_size 8?

    # Remember the mode of the model and of each of its parts.
    modes = [(part, part.training) for part in model.modules()]

    try:
        model.eval()
        total_loss = 0.0
        with torch.no_grad():
            # k is the number of the next window.
            k = 0
            while k < window_count:
                if k < full_count:
                    # Take as many full windows as are left, but at most batch_size.
                    rows = min(batch_size, full_count - k)
                    length = block_size
                else:
                    # The last window is shorter, so it is shown alone.
                    rows = 1
                    length = answer_count - k * block_size

                # The windows lie side by side: cut them out as one slice, plus one id
                # for the last answer. astype makes an int64 copy of this slice only.
                start = k * block_size
                small = np.asarray(ids[start:start + rows * length + 1]).astype(np.int64)
                chunk = torch.from_numpy(small)

                # Inputs and answers are the same ids, one place apart: (rows, length).
                inputs = chunk[:-1].view(rows, length)
                answers = chunk[1:].view(rows, length)

                # Add up the cross-entropies. "sum", because the mean is taken at the end.
                logits = model(inputs)
                loss = F.cross_entropy(
                    logits.reshape(-1, logits.shape[-1]),
                    answers.reshape(-1),
                    reduction="sum",
                )
                total_loss += loss.item()

                # Go on after the windows that are done.
                k += rows
    finally:
        # "finally" runs after an error too: put every part back into its mode.
        for part, mode in modes:
            part.training = mode

    # Every answer has the same weight, also those of the short window.
    return total_loss / answer_count


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
                  learning_rate=3e-3, seed=0, on_eval=None):
    # Check everything before anything is trained.
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if batch_size < 1 or block_size < 1:
        raise ValueError("batch_size and block_size must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids needs at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids needs at least 2 ids")

    # Our own source of random numbers: the global one is left alone.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # AdamW changes the weights, guided by their gradients.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # A window takes block_size + 1 ids, with its last answer.
    # So it can start at 0, 1, ..., len(train_ids) - block_size - 1.
    start_count = len(train_ids) - block_size

    # What we collect on the way.
    history = []
    losses = []
    best_val_loss = float("inf")
    best_weights = None

    # Remember the mode of the model and of each of its parts.
    modes = [(part, part.training) for part in model.modules()]

    try:
        for step in range(1, steps + 1):
            # Do this in each step: on_eval may have changed the mode.
            model.train()

            # Draw the starts. randint never draws its upper end, start_count, itself.
            starts = torch.randint(0, start_count, (batch_size,), generator=generator)

            # Cut out each window with its last answer, and only these as int64.
            windows = []
            for start in starts.tolist():
                small = np.asarray(train_ids[start:start + block_size + 1])
                windows.append(small.astype(np.int64))
            batch = torch.from_numpy(np.stack(windows))

            # The answers are the inputs, one place later: both (batch_size, block_size).
            # contiguous() lays the numbers side by side in memory, as some models need it.
            inputs = batch[:, :-1].contiguous()
            answers = batch[:, 1:].contiguous()

            # Forward: the mean cross-entropy of all positions.
            logits = model(inputs)
            loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), answers.reshape(-1))

            # Backward: clear the old gradients, compute new ones, change the weights.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

            # Keep the loss as a plain number.
            losses.append(loss.item())

            # Evaluate after every eval_every steps, and after the last step.
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)

                # Take the mean since the evaluation before, then start a new list.
                train_loss = sum(losses) / len(losses)
                losses = []
                history.append((step, train_loss, val_loss))

                # Remember the best weights. "<" keeps the earlier of equals.
                # deepcopy, because training goes on changing the weights themselves.
                if val_loss < best_val_loss:
                    best_val_loss = val_loss
                    best_weights = copy.deepcopy(model.state_dict())

                # Report to the caller, if wished.
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)

        # Load the best weights. There are none if every val_loss was nan or infinite.
        if best_weights is not None:
            model.load_state_dict(best_weights)
    finally:
        # After an error too: put every part back into its mode.
        for part, mode in modes:
            part.training = mode

    return history
