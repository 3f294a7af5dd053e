"""Train a small GPT on a whole book without loading the book into memory."""

import copy
import os
import secrets
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def read_pieces(path, size=1_000_000):
    """Yield the text of a UTF-8 file in pieces of at most size characters."""
    # read(-1) would read the whole file, and read(0) would look like its end.
    if size < 1:
        raise ValueError("size must be at least 1")
    empty = True
    # One character that was read too early and belongs to the next piece.
    carry = ""
    try:
        # "utf-8-sig" drops a byte order mark; newline="" leaves line ends to us.
        with open(path, encoding="utf-8-sig", newline="") as file:
            while True:
                # carry counts towards the size of this piece.
                piece = carry + file.read(size - len(carry))
                carry = ""
                if not piece:
                    break
                # "\r\n" may be cut in two here, so look one character ahead.
                if piece.endswith("\r"):
                    carry = file.read(1)
                    # It was cut: join it; the replace below makes it short again.
                    if carry == "\n":
                        piece += carry
                        carry = ""
                empty = False
                # A "\r" on its own is not a "\r\n" and stays as it is.
                yield piece.replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8: {error.reason}") from error
    if empty:
        raise ValueError(f"{path} is empty")


def write_ids(path, pieces):
    """Write lists of ids as little-endian uint16 and return how many there were."""
    path = Path(path)
    # The same folder, because os.replace cannot move between disks; a random
    # name, so that it cannot hit a file that is already there.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    count = 0
    try:
        # "x" makes a new file and never overwrites one.
        with open(temporary, "xb") as file:
            # Only one piece is in memory at a time.
            for piece in pieces:
                array = np.asarray(piece)
                # numpy makes an empty list float64, so skip it before the check.
                if array.size == 0:
                    continue
                # Check before converting: uint16 would turn 65536 into 0 silently.
                # Kinds "i" and "u" are whole numbers; giant ints have another kind.
                if (array.ndim != 1 or array.dtype.kind not in "iu"
                        or array.min() < 0 or array.max() > 65535):
                    raise ValueError("ids must be whole numbers from 0 to 65535")
                # "<u2": little-endian, unsigned, 2 bytes, on every machine.
                file.write(array.astype("<u2").tobytes())
                count += len(array)
        # The file is closed and complete: swap it in, in one go.
        os.replace(temporary, path)
    # BaseException also covers Ctrl+C.
    except BaseException:
        temporary.unlink(missing_ok=True)
        # Pass the same error on.
        raise
    return count


def open_ids(path):
    """Open a file of ids without loading it."""
    size = os.path.getsize(path)
    # Two bytes an id, so an odd length means a damaged file.
    if size == 0 or size % 2 != 0:
        raise ValueError(f"{path} is empty or has an odd length ({size} bytes)")
    # The system reads from disk only the parts that you slice.
    return np.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    """Return the first int(len(ids) * share) ids, and the rest."""
    # Written with "not" so that nan is refused too.
    if not 0 <= share <= 1:
        raise ValueError("share must be from 0 to 1")
    cut = int(len(ids) * share)
    if cut == 0 or cut == len(ids):
        raise ValueError("one of the two parts would be empty")
    # Slices of a memmap are views: nothing is loaded.
    return ids[:cut], ids[cut:]


def _device_of(model):
    # A model without parameters gets its ids on the CPU.
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def _to_tensor(part, device):
    # part is a small slice, so eight bytes an id is fine here.
    if isinstance(part, torch.Tensor):
        return part.to(device=device, dtype=torch.int64)
    # np.array copies, so the tensor never points into the read-only file.
    return torch.from_numpy(np.array(part, dtype=np.int64)).to(device)


def _get_modes(model):
    # Each module has its own mode: a frozen part may be in eval mode on purpose.
    return [(module, module.training) for module in model.modules()]


def _set_modes(modes):
    for module, training in modes:
        module.training = training


def evaluate(model, ids, block_size=64, batch_size=32):
    """Return the mean cross-entropy over all len(ids) - 1 answers."""
    if block_size < 1 or batch_size < 1:
        raise ValueError("block_size and batch_size must be at least 1")
    if len(ids) < 2:
        raise ValueError("evaluate needs at least 2 ids")
    # The last id is only an answer, so there is one answer fewer than ids.
    count = len(ids) - 1
    # How many of the answers lie in windows of full length.
    whole = count // block_size * block_size
    device = _device_of(model)
    total = 0.0
    start = 0
    modes = _get_modes(model)
    try:
        # Eval mode switches dropout off.
        model.eval()
        with torch.no_grad():
            while start < count:
                if start < whole:
                    # Up to batch_size full windows.
                    stop = min(start + batch_size * block_size, whole)
                    width = block_size
                else:
                    # The shorter last window, on its own.
                    stop = count
                    width = count - whole
                # One id more than the inputs, for the last answer.
                part = _to_tensor(ids[start:stop + 1], device)
                inputs = part[:-1].reshape(-1, width)
                # The same ids one place later.
                answers = part[1:]
                logits = model(inputs)
                # "sum", not "mean": a mean of means would weigh the short
                # window as much as a full batch.
                total += F.cross_entropy(
                    logits.reshape(-1, logits.size(-1)), answers, reduction="sum"
                ).item()
                start = stop
    finally:
        # Also after an error.
        _set_modes(modes)
    return total / count


def train_on_book(model, train_ids, val_ids, *, steps, eval_every=100,
                  batch_size=32, block_size=64, learning_rate=3e-3, seed=0,
                  on_eval=None):
    """Train the model and return a list of (step, train_loss, val_loss)."""
    # All checks come first, before anything is changed.
    if steps < 1 or eval_every < 1:
        raise ValueError("steps and eval_every must be at least 1")
    if batch_size < 1 or block_size < 1:
        raise ValueError("batch_size and block_size must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("train_ids needs at least block_size + 1 ids")
    if len(val_ids) < 2:
        raise ValueError("val_ids needs at least 2 ids")
    device = _device_of(model)
    # Our own source of random numbers; torch's global one is not touched.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    history = []
    best_loss = float("inf")
    best_weights = None
    # Sum and number of the losses since the last evaluation.
    loss_sum = 0.0
    loss_count = 0
    modes = _get_modes(model)
    try:
        for step in range(1, steps + 1):
            # At every step, because on_eval may have left the model in eval mode.
            model.train()
            # The upper end is exclusive: the last start is
            # len(train_ids) - block_size - 1, which still has its last answer.
            starts = torch.randint(0, len(train_ids) - block_size, (batch_size,),
                                   generator=generator)
            # Each row has block_size + 1 ids: the inputs and one more answer.
            rows = torch.stack([
                _to_tensor(train_ids[start:start + block_size + 1], device)
                for start in starts.tolist()
            ])
            inputs = rows[:, :-1].contiguous()
            # The same ids one place later.
            answers = rows[:, 1:]
            logits = model(inputs)
            loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)),
                                   answers.reshape(-1))
            # Gradients add up in torch, so clear the old ones first.
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # item() gives a plain number and lets go of the graph.
            loss_sum += loss.item()
            loss_count += 1
            # "or", so a last step that is due anyway is evaluated only once.
            if step % eval_every == 0 or step == steps:
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                train_loss = loss_sum / loss_count
                loss_sum = 0.0
                loss_count = 0
                history.append((step, train_loss, val_loss))
                if val_loss < best_loss:
                    best_loss = val_loss
                    # state_dict() points at the live weights, so copy it.
                    best_weights = copy.deepcopy(model.state_dict())
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)
    finally:
        # Also after an error or Ctrl+C.
        _set_modes(modes)
        # None if there was no evaluation yet, or every val_loss was nan or inf.
        if best_weights is not None:
            model.load_state_dict(best_weights)
    return history
