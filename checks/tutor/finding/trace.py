"""Which lines of a file ran, and which others may be at fault with them."""

import ast
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Runs:
    """Which lines of a file ran, and when."""

    active: set[int]
    """Those that may be at fault: they ran with the fact that failed, or when the file was loaded.
    """
    failing: set[int] = field(default_factory=set)
    """Those that ran with the fact that failed."""
    holding: set[int] = field(default_factory=set)
    """Those that ran with the facts before it, which hold."""
    raising: set[int] = field(default_factory=set)
    """Those in which an error came up, or passed by, with the fact that failed."""


class Trace:
    """Remembers which lines of one file run.

    Args:
        filename: the learner's file.
    """

    def __init__(self, filename: str):
        self.filename = filename
        self.lines: set[int] = set()
        self.raising: set[int] = set()

    def enter(self, frame: types.FrameType, event: str, value: object) -> Callable | None:
        """Watch the functions of the learner's file only."""
        return self.step if frame.f_code.co_filename == self.filename else None

    def step(self, frame: types.FrameType, event: str, value: object) -> Callable:
        """Note one line."""
        self.lines.add(frame.f_lineno)
        if event == "exception":
            self.raising.add(frame.f_lineno)
        return self.step


@contextmanager
def watched(filename: str) -> Iterator[Trace]:
    """Remember which lines of a file run meanwhile."""
    trace = Trace(filename)
    sys.settrace(trace.enter)
    try:
        yield trace
    finally:
        sys.settrace(None)


def heads(tree: ast.Module) -> set[int]:
    """Return the lines that a run passes over only once: the heads of functions and classes."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    lines = set()
    for node in ast.walk(tree):
        if isinstance(node, definitions):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            lines |= set(range(first, node.body[0].lineno))
    return lines


def whole(lines: set[int], tree: ast.Module) -> set[int]:
    """Return lines, with the other lines of the same statements: each of them may be wrong."""
    found = set(lines)
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            statement = set(range(node.lineno, node.end_lineno + 1))
            found |= statement if statement & lines else set()
    return found
