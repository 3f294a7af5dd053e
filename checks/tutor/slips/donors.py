"""What may be missing at a place, because the file does it elsewhere: its calls of one value.

Source: Barr et al. 2014, "The plastic surgery hypothesis": the parts of a repair most often stand
in the program already.
"""

import ast
import builtins
from collections.abc import Iterator

from tutor.slips.scope import unique
from tutor.slips.words import OFTEN_CALLED, OFTEN_LAST

LONGEST = 16
"""Characters: what is longer was made for its one place."""


def calls_of(tree: ast.Module) -> list[str]:
    """List what Python itself brings, a file calls with one value, or is easily forgotten."""
    found = [call.func for call in calls(tree) if len(call.args) == 1 and not call.keywords]
    names = [getattr(function, "id", "") for function in found]
    return unique([*OFTEN_CALLED, *(name for name in names if is_maker(name))])


def endings_of(tree: ast.Module) -> list[str]:
    """List what a file puts behind a value, such as "tolist()", and what is easily forgotten."""
    found = [call for call in calls(tree) if isinstance(call.func, ast.Attribute)]
    codes = [f"{call.func.attr}({arguments(call)})" for call in found if is_fixed(call)]
    return unique([*OFTEN_LAST, *(code for code in codes if len(code) <= LONGEST)])


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield the calls in a file."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def is_maker(name: str) -> bool:
    """Tell whether a name is one of Python's own types or functions that make a value."""
    made = getattr(builtins, name, None)
    return callable(made) and name[0].islower() and name not in ("print", "super", "type")


def is_fixed(call: ast.Call) -> bool:
    """Tell whether a call has no arguments but numbers and words."""
    every = [*call.args, *(keyword.value for keyword in call.keywords)]
    inside = [node for argument in every for node in ast.walk(argument)]
    return not any(isinstance(node, ast.Name | ast.Call | ast.JoinedStr) for node in inside)


def arguments(call: ast.Call) -> str:
    """Return the arguments of a call as they are written."""
    return ", ".join(map(ast.unparse, [*call.args, *call.keywords]))
