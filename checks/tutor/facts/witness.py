"""Watches code from outside: which optimizers step, which files move, what is called, who rolls."""

import contextlib
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.optim.optimizer import Optimizer, register_optimizer_step_post_hook


@dataclass
class Step:
    """One step of an optimizer of PyTorch's."""

    optimizer: Optimizer
    has_gradients: bool
    """Some parameter has a gradient that is not 0 throughout."""
    rates: tuple[float, ...]
    """The learning rates of its groups of parameters."""


@contextlib.contextmanager
def optimizer_steps() -> Iterator[list[Step]]:
    """List the steps that optimizers take meanwhile. Steps made by hand are not seen."""
    steps = []

    def note(optimizer: Optimizer, *_: object) -> None:
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        moving = any(p.grad is not None and bool(p.grad.any()) for p in parameters)
        rates = tuple(float(group["lr"]) for group in optimizer.param_groups)
        steps.append(Step(optimizer, moving, rates))

    handle = register_optimizer_step_post_hook(note)
    try:
        yield steps
    finally:
        handle.remove()


_lists: list[list[tuple[Path, Path]]] = []
_hooked: list[bool] = []


@contextlib.contextmanager
def moved_files() -> Iterator[list[tuple[Path, Path]]]:
    """List the files that change their place or name meanwhile: from where, to where."""
    if not _hooked:  # Python keeps such a hook for good, so one serves for all
        sys.addaudithook(_note_move)
        _hooked.append(True)
    _lists.append([])
    try:
        yield _lists[-1]
    finally:
        _lists.pop()


def _note_move(event: str, arguments: tuple) -> None:
    """Note where a file goes, in the list of the one who asked last."""
    if event == "os.rename" and _lists:
        source, target = (Path(os.fsdecode(path)).resolve() for path in arguments[:2])
        _lists[-1].append((source, target))


def functions_called(file: str, action: Callable[[], object]) -> list[str]:
    """List the functions of a file that an action calls, by their full names, each once."""
    names: dict[str, None] = {}

    def note(frame: object, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename == file:
            name = getattr(code, "co_qualname", code.co_name).replace(".<locals>", "")
            if "<" not in name:  # a lambda, or a comprehension
                names[name] = None

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return list(names)


def global_dice() -> tuple:
    """Return how the random numbers stand that all code shares: PyTorch's, Python's, numpy's."""
    numpy = sys.modules.get("numpy")
    numpys = numpy.random.get_state()[1:3] if numpy else ([], 0)
    return torch.get_rng_state().tolist(), random.getstate(), list(numpys[0]), numpys[1]
