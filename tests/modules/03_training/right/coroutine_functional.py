"""The trainer as a stream: an endless generator learns, and train takes as much of it as it wants."""

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile

import torch
from torch.nn.functional import cross_entropy

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

CHECKPOINT_VERSION = 1


def _cut(ids, length, start):
    # One piece of the text as an int64 tensor. Only this piece is converted.
    return torch.as_tensor(ids[start : start + length]).long()


def get_batch(ids, batch_size, block_size, generator):
    # How many places are there for a window and the id after it?
    places = len(ids) - block_size
    if places < 1:
        raise ValueError(f"{len(ids)} ids are too few for a window of {block_size} and one more")
    # Roll the dice once for each window.
    starts = torch.randint(places, (batch_size,), generator=generator).tolist()
    # The questions, and the same windows one id later.
    cut = partial(_cut, ids, block_size)
    x = torch.stack(list(map(cut, starts)))
    y = torch.stack([cut(start + 1) for start in starts])  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


@contextmanager
def _train_mode(model):
    # Switch to train mode for the length of a with block.
    before = model.training
    model.train()
    try:
        yield
    finally:
        model.train(before)


def _lessons(model, optimizer, draw):
    # An endless stream of losses. Asking for the next one makes the model take the next step.
    while True:
        # Draw a batch.
        x, y = draw()
        # How surprised is the model, on average over all positions?
        loss = cross_entropy(model(x).flatten(0, 1), y.flatten())
        # Forget the old gradients, compute new ones, move.
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def _tell(listener, step, loss):
    # Pass the news on, and hand the loss through.
    if listener is not None:
        listener(step, loss)
    return loss


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    # At least one step.
    if steps < 1:
        raise ValueError("steps must be 1 or more")
    # The parts: a source of random numbers, an optimizer, a way to draw, and the stream.
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    draw = partial(get_batch, ids, batch_size, block_size, generator)
    lessons = _lessons(model, optimizer, draw)
    # Take `steps` lessons from the stream.
    with _train_mode(model):
        return [_tell(on_step, step, loss) for step, loss in zip(range(1, steps + 1), lessons)]


@contextmanager
def _replacing(path):
    # Hands out an open temporary file; when the block went well, the file takes the place of path.
    path = Path(path)
    file = NamedTemporaryFile(dir=path.parent, prefix=path.name + ".", suffix=".part", delete=False)
    try:
        with file:
            yield file
        os.replace(file.name, path)
    except BaseException:
        os.unlink(file.name)
        raise


def save_checkpoint(path, model, tokenizer):
    # Everything that load_checkpoint needs, in one dict.
    with _replacing(path) as file:
        torch.save(
            dict(
                version=CHECKPOINT_VERSION,
                config=model.config,
                vocab=tokenizer.vocab,
                state=model.state_dict(),
            ),
            file,
        )


def _read(path):
    # Tensors and plain values only, and a ValueError for anything that is not ours.
    try:
        data = torch.load(path, weights_only=True, map_location="cpu")
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"cannot read {path} as a checkpoint") from error
    wanted = {"version", "config", "vocab", "state"}
    if not isinstance(data, dict) or not wanted <= data.keys():
        raise ValueError(f"{path} is not a checkpoint of this program")
    if data["version"] != CHECKPOINT_VERSION:
        raise ValueError(f"{path} has version {data['version']}, not {CHECKPOINT_VERSION}")
    return data


def _filled(model, state):
    # Put the trained numbers into a new model.
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise ValueError("the numbers in the file do not fit the model") from error
    return model.eval()


def load_checkpoint(path):
    # Read, then rebuild both.
    data = _read(path)
    model = _filled(MiniGPT(**data["config"]), data["state"])
    tokenizer = CharTokenizer("".join(data["vocab"][3:]))
    return model, tokenizer
