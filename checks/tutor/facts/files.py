"""What a checkpoint holds, how it is replaced, and what happens if the disk is full."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from tutor.facts.lab import Lab
from tutor.facts.words import Wrong

PLAIN = (torch.Tensor, int, float, complex, str, bytes, type(None))


def foreign_parts(path: str | Path) -> list[str]:
    """List what a file of torch.save holds besides tensors and plain values, with where it is.

    Use it only for files that were written just now: to look is to unpickle.
    """
    return list(dict.fromkeys(foreign(torch.load(path, weights_only=False), "")))


def foreign(value: object, key: str) -> Iterator[str]:
    """Describe each thing in a value that is no tensor and no plain value."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from foreign(part, f' under "{name}"')
    elif type(value) in (list, tuple, set):
        for part in value:
            yield from foreign(part, key)
    elif not isinstance(value, PLAIN):
        yield f"a {type(value).__name__}{key}"


def loads_a_part(lab: Lab, path: Path) -> bool:
    """Tell whether a checkpoint of the learner's is loaded too if it lacks a part of the model."""
    saved, part = torch.load(path, weights_only=False), path.with_name("part.pt")
    weights = next(weights_in(saved), None)
    if weights is None:
        return False  # they are kept in a way of their own
    del weights[next(iter(weights))]
    torch.save(saved, part)
    try:
        lab.module.load_checkpoint(part)
        return True
    except Exception:  # any refusal will do
        return False
    finally:
        part.unlink()


def weights_in(value: object) -> Iterator[dict]:
    """Yield each dict in a value that holds tensors, and nothing else."""
    for part in value.values() if isinstance(value, dict) else ():
        if isinstance(part, dict) and set(map(type, part.values())) == {torch.Tensor}:
            yield part
        yield from weights_in(part)


def is_overwritten(path: Path, action: Callable[[], object]) -> bool:
    """Tell whether an action writes into a file, where a new one could take its place.

    A second name for the file shows it: it keeps the old file, unless that one is changed.
    """
    before, other = path.read_bytes(), path.with_name("second-name")
    try:
        os.link(path, other)
    except OSError:  # not every disk can give a file two names
        action()
        return False
    try:
        action()
        return other.read_bytes() != before
    finally:
        other.unlink()


class Intruder:
    """A thing that runs code when it is unpickled: it makes a file."""

    def __init__(self, path: str):
        self.path = path

    def __reduce__(self):
        """Tell pickle to call open(path, "w")."""
        return (open, (self.path, "w"))


def save_fails(obj: object, f: object, *args: object, **options: object) -> None:
    """Take the place of torch.save, where the disk is full half-way. Its names are kept."""
    if hasattr(f, "write"):
        f.write(b"half")
    else:
        Path(f).write_bytes(b"half")
    raise OSError("no space left on the disk (this is a test)")


def fails_on_full_disk(action: Callable[[], object]) -> bool:
    """Tell whether an action complains with an OSError, where every torch.save fails half-way."""
    save, torch.save = torch.save, save_fails
    try:
        action()
        return False
    except OSError:
        return True
    finally:
        torch.save = save


def says(error: BaseException | None, words: str) -> bool:
    """Tell whether an exception, or one that led to it, says these words."""
    return error is not None and (words in str(error) or says(error.__context__, words))


def load_saved(lab: Lab, path: str | Path) -> object:
    """Load a checkpoint of the learner's. Where PyTorch refuses, the reason is what was saved."""
    called = lab.calls("load_checkpoint(path) of what save_checkpoint wrote")
    try:
        return lab.module.load_checkpoint(path)
    except Exception as error:
        if not says(error, "Weights only load failed"):
            raise
    kept = ", ".join(foreign_parts(path)) or "more than these"
    likely = (
        "weights_only=True is right, and keeps strangers out. Save less: model.state_dict(),"
        " model.config and tokenizer.vocab"
    )
    expected = "a file of tensors, numbers, texts, lists and dicts"
    raise Wrong(called, expected, f"it holds {kept}", likely, ("save_checkpoint",))
