"""What the names of a file stand for, by where their values come from.

In `pick(scores, temperature)`, the second argument of `pick` is the temperature, whatever its name.
"""

import ast
import functools

from tutor.slips import contracts
from tutor.slips.scope import Function

ROUNDS = 3
"""How far a value is followed: from one function to the next, to the next."""


@functools.cache
def roles(tree: ast.Module) -> dict[tuple[str, str], str]:
    """Return what names stand for: from (function, name) to an argument."""
    found: dict[tuple[str, str], str] = {}
    heads = heads_of(tree)
    for _ in range(ROUNDS):
        for function in (node for node in ast.walk(tree) if isinstance(node, Function)):
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    hand_over(node, function.name, heads, found)
                elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    note(found, (function.name, node.targets[0].id), node.value, function.name)
    return found


def heads_of(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Return what is called by a name: a function, a method, or what makes an object."""
    heads = {node.name: node for node in ast.walk(tree) if isinstance(node, Function)}
    for owner in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        makers = [node for node in owner.body if getattr(node, "name", "") == "__init__"]
        heads.update({owner.name: maker for maker in makers})
    return heads


def hand_over(call: ast.Call, caller: str, heads: dict, found: dict) -> None:
    """Note what the arguments of a called function stand for."""
    head = heads.get(getattr(call.func, "id", getattr(call.func, "attr", "")))
    if head is None:
        return
    names = [argument.arg for argument in head.args.args if argument.arg not in ("self", "cls")]
    for name, value in [*zip(names, call.args), *((k.arg, k.value) for k in call.keywords)]:
        note(found, (head.name, name), value, caller)


def note(found: dict, place: tuple[str, str], value: ast.expr, function: str) -> None:
    """Note what a name stands for, if it stands for the same as another one."""
    known = contracts.arguments()
    if isinstance(value, ast.Name) and place[1] not in known:
        role = value.id if value.id in known else found.get((function, value.id))
        if role:
            found.setdefault(place, role)
