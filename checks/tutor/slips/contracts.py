"""What the loops ask of the learner's modules: the names and arguments that others look at."""

import ast
import functools
import re

from mini_gpt.loops import LOOPS, Loop
from mini_gpt.paths import ROOT

ATTRIBUTES = {"CharTokenizer": ("vocab", "vocab_size"), "MiniGPT": ("config",)}
"""What others look at in the objects of these classes."""


MARK = re.compile(r"<\w+>")
"""A special token, as it is written."""


def skeleton(loop: Loop) -> str:
    """Return the skeleton of a loop."""
    return (ROOT / "scaffolds" / f"{loop.stem}_skeleton.py").read_text(encoding="utf-8")


@functools.cache
def marks() -> tuple[str, ...]:
    """Return the words in <> that the loops speak of: the special tokens."""
    found = [mark for loop in LOOPS for mark in MARK.findall(skeleton(loop))]
    return tuple(dict.fromkeys(found))


@functools.cache
def heads() -> list[ast.FunctionDef]:
    """List the functions and methods that the loops ask for, as their skeletons write them."""
    found = []
    for loop in LOOPS:
        tree = ast.parse(skeleton(loop))
        for node in (n for n in tree.body if getattr(n, "name", "") in loop.names):
            body = node.body if isinstance(node, ast.ClassDef) else [node]
            found += [one for one in body if isinstance(one, ast.FunctionDef)]
    return found


@functools.cache
def public() -> frozenset[str]:
    """Return what others look at, though nothing in a learner's file may."""
    asked = [name for loop in LOOPS for name in loop.names]
    looked_at = [name for names in ATTRIBUTES.values() for name in names]
    return frozenset([*asked, *looked_at, *(head.name for head in heads())])


def attributes(owner: str) -> tuple[str, ...]:
    """Return what others look at in the objects of a class."""
    return ATTRIBUTES.get(owner, ())


@functools.cache
def arguments() -> frozenset[str]:
    """Return the names of all arguments that the loops ask for."""
    return frozenset(one.arg for head in heads() for one in every(head)) - {"self", "cls"}


@functools.cache
def optional() -> tuple[str, ...]:
    """Return the arguments that may be left out, and are easily left out where they matter."""
    pairs = ((one, value) for head in heads() for one, value in defaults(head))
    return tuple(dict.fromkeys(one.arg for one, value in pairs if not is_size(value)))


@functools.cache
def floats() -> frozenset[str]:
    """Return the arguments that are no whole numbers, such as a temperature."""
    pairs = ((one, value) for head in heads() for one, value in defaults(head))
    return frozenset(
        one.arg for one, v in pairs if isinstance(v, ast.Constant) and isinstance(v.value, float)
    )


def every(head: ast.FunctionDef) -> list[ast.arg]:
    """List the arguments of a function."""
    return [*head.args.posonlyargs, *head.args.args, *head.args.kwonlyargs]


def defaults(head: ast.FunctionDef) -> list[tuple[ast.arg, ast.expr]]:
    """List the arguments with a default, each with it."""
    args = head.args
    last = args.args[len(args.args) - len(args.defaults) :]
    return [*zip(last, args.defaults), *zip(args.kwonlyargs, args.kw_defaults)]


def is_size(value: ast.expr | None) -> bool:
    """Tell whether a default is a whole number."""
    return isinstance(value, ast.Constant) and type(value.value) is int
