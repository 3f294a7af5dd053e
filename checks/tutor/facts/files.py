"""Looks into the file of a checkpoint, and at how it is replaced."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

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
