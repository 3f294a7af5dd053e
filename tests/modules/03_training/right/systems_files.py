"""trainer.py: batches, the training loop, and crash-safe checkpoints.

On-disk invariant: PATH is either absent, or the complete old file, or the complete new file.
Never anything else, and never a stray temporary next to it once a call has returned or raised.
"""

import errno
import os
import pickle

import torch
from torch.nn.functional import cross_entropy

CHECKPOINT_VERSION = 1
_MAX_NAME_TRIES = 64


def get_batch(ids, batch_size, block_size, generator):
    need = block_size + 1
    have = len(ids)
    if have < need:
        raise ValueError("short text: have %d ids, need %d" % (have, need))

    # One buffer of `need` ids per row; only these ids are ever copied out of the text.
    buf = torch.empty((batch_size, need), dtype=torch.int64)
    offsets = torch.randint(have - need + 1, (batch_size,), generator=generator).tolist()
    for row, off in zip(buf, offsets):
        row.copy_(torch.as_tensor(ids[off:off + need]))

    # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return buf[:, :block_size].clone(), buf[:, 1:].clone()


def _one_step(model, optimizer, x, y):
    logits = model(x)
    # cross_entropy wants the class axis second: (B, V, T) against (B, T).
    loss = cross_entropy(logits.transpose(1, 2), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0,
          on_step=None):
    if steps < 1:
        raise ValueError("steps: %r is below 1" % (steps,))

    generator = torch.Generator(device="cpu")
    generator.manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses = []

    saved_mode = model.training
    model.train(True)
    try:
        while len(losses) < steps:
            x, y = get_batch(ids, batch_size, block_size, generator)
            losses.append(_one_step(model, optimizer, x, y))
            if on_step is not None:
                on_step(len(losses), losses[-1])
    finally:
        model.train(saved_mode)
    return losses


def _open_beside(path):
    """Create a new file in the folder of path. Returns (fd, name); never reuses a file."""
    folder, name = os.path.split(path)
    for n in range(_MAX_NAME_TRIES):
        tmp = os.path.join(folder, ".%s.%d.%d.tmp" % (name, os.getpid(), n))
        try:
            return os.open(tmp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), tmp
        except FileExistsError:
            continue
    raise FileExistsError(errno.EEXIST, "no free temporary name", path)


def save_checkpoint(path, model, tokenizer):
    path = os.fspath(path)
    record = {
        "version": CHECKPOINT_VERSION,
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state": model.state_dict(),
    }
    fd, tmp = _open_beside(path)
    try:
        with os.fdopen(fd, "wb") as out:
            torch.save(record, out)
            # Data first, name second: the new bytes must be on disk before the rename is.
            out.flush()
            os.fsync(out.fileno())
        os.replace(tmp, path)
    except BaseException:
        os.unlink(tmp)
        raise


def _read_record(path):
    # A missing or forbidden file is an OSError from open; an OSError after that is a damaged file.
    with open(path, "rb") as src:
        try:
            record = torch.load(src, map_location="cpu", weights_only=True)
        except (pickle.UnpicklingError, EOFError, OSError, RuntimeError, ValueError, KeyError) as e:
            raise ValueError("%s: damaged, or not a checkpoint" % path) from e
    if not isinstance(record, dict):
        raise ValueError("%s: not a checkpoint" % path)
    if record.get("version") != CHECKPOINT_VERSION:
        raise ValueError("%s: version %r" % (path, record.get("version")))
    return record


def load_checkpoint(path):
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    path = os.fspath(path)
    record = _read_record(path)
    try:
        model = MiniGPT(**record["config"])
        model.load_state_dict(record["state"])
        tokenizer = CharTokenizer("".join(record["vocab"][3:]))
    except (KeyError, TypeError, RuntimeError) as e:
        raise ValueError("%s: the parts do not fit together" % path) from e
    model.eval()
    return model, tokenizer
