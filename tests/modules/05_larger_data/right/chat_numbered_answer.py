# corpus.py - Working with a larger corpus
# ========================================
# 1. read_pieces   2. write_ids   3. open_ids   4. split   5. evaluate   6. train_on_book

import os
import numpy as np
import torch
import torch.nn.functional as F


# 1. Read the text piece by piece
def read_pieces(path, size=1_000_000):
    """Yield the text of a UTF-8 file in pieces of at most `size` characters."""
    is_empty = True
    # utf-8-sig removes a byte order mark; universal newlines turn "\r\n" into "\n"
    with open(path, "r", encoding="utf-8-sig", newline=None) as f:
        while True:
            try:
                # PREDICT: how many pieces do 25 characters make with size=10?
                piece = f.read(size)
            except UnicodeDecodeError as e:
                raise ValueError(f"{path} is not valid UTF-8: {e}")
            if not piece:
                break
            is_empty = False
            yield piece
    if is_empty:
        raise ValueError(f"{path} is empty")


# 2. Write the ids to a binary file
def write_ids(path, pieces):
    """Write ids as uint16, little-endian. Return how many were written."""
    tmp_path = f"{path}.tmp"
    total = 0
    try:
        with open(tmp_path, "wb") as f:
            for piece in pieces:
                # Check the range before converting, because numpy would raise OverflowError
                if any(i < 0 or i > 65535 for i in piece):
                    raise ValueError("all ids must be between 0 and 65535")
                f.write(np.array(piece, dtype="<u2").tobytes())
                total += len(piece)
        # Atomic: the old file is replaced only when everything went well
        os.replace(tmp_path, path)
    except BaseException:
        # Clean up the half-written file
        if os.path.exists(tmp_path):
            os.remove(tmp_path)
        raise
    return total


# 3. Open the ids without loading them
def open_ids(path):
    """Return a read-only memory map of the ids."""
    n_bytes = os.path.getsize(path)
    if n_bytes == 0 or n_bytes % 2 != 0:
        raise ValueError(f"{path} must hold 2 bytes per id, but has {n_bytes} bytes")
    return np.memmap(path, dtype="<u2", mode="r")


# 4. Split into training and validation part
def split(ids, share=0.9):
    """Return (train_ids, val_ids) as slices."""
    if not 0 <= share <= 1:
        raise ValueError("share must be between 0 and 1")
    n_train = int(len(ids) * share)
    if n_train == 0 or n_train == len(ids):
        raise ValueError("both parts need at least one id")
    return ids[:n_train], ids[n_train:]


# Helper: convert a small slice to an int64 tensor
def _to_tensor(ids):
    if isinstance(ids, torch.Tensor):
        return ids.long()
    return torch.from_numpy(np.array(ids, dtype=np.int64))


# 5. Evaluate on a whole text
def evaluate(model, ids, block_size=64, batch_size=32):
    """Return the average loss per answer in nats."""
    if len(ids) < 2:
        raise ValueError("need at least 2 ids")

    was_training = model.training
    model.eval()
    total_loss = 0.0
    n_answers = len(ids) - 1
    starts = list(range(0, n_answers, block_size))

    try:
        with torch.no_grad():
            i = 0
            while i < len(starts):
                # Collect windows of full length
                xs, ys = [], []
                while i < len(starts) and len(xs) < batch_size:
                    start = starts[i]
                    end = min(start + block_size, n_answers)
                    if xs and end - start < block_size:
                        break  # the short last window gets its own batch
                    xs.append(_to_tensor(ids[start:end]))
                    ys.append(_to_tensor(ids[start + 1 : end + 1]))
                    i += 1
                logits = model(torch.stack(xs))
                B, T, V = logits.shape
                loss = F.cross_entropy(
                    logits.reshape(B * T, V), torch.stack(ys).reshape(B * T), reduction="sum"
                )
                total_loss += loss.item()
    finally:
        model.train(was_training)

    return total_loss / n_answers


# 6. Train with validation
def train_on_book(
    model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
    learning_rate=3e-3, seed=0, on_eval=None,
):
    """Train, evaluate regularly, and keep the best weights."""
    if steps < 1:
        raise ValueError("steps must be at least 1")
    if eval_every < 1:
        raise ValueError("eval_every must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids is too short")
    if len(val_ids) < 2:
        raise ValueError("val_ids is too short")

    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    was_training = model.training
    history = []
    recent_losses = []
    best_val_loss = float("inf")
    best_state = None

    try:
        for step in range(1, steps + 1):
            model.train()
            ix = torch.randint(len(train_ids) - block_size, (batch_size,), generator=generator)
            x = torch.stack([_to_tensor(train_ids[i : i + block_size]) for i in ix])
            y = torch.stack([_to_tensor(train_ids[i + 1 : i + block_size + 1]) for i in ix])

            logits = model(x)
            loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), y.reshape(-1))

            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            recent_losses.append(loss.item())

            if step % eval_every == 0 or step == steps:
                train_loss = sum(recent_losses) / len(recent_losses)
                recent_losses = []
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                if val_loss < best_val_loss:
                    best_val_loss = val_loss
                    best_state = {k: v.clone() for k, v in model.state_dict().items()}
                history.append((step, train_loss, val_loss))
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)

        if best_state is not None:
            model.load_state_dict(best_state)
    finally:
        model.train(was_training)

    return history
