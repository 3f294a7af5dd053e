"""Refusals that are missing: a value out of range is not turned away, where the usual place is."""

import ast
from collections.abc import Iterator

from tutor.slips.edit import Edit, Editor
from tutor.slips.queries import has_refusal, own_calls
from tutor.slips.scope import Scope
from tutor.slips.walk import blocks, own_parts, with_line_before

OF_ARGUMENT, OF_INDEX = "an argument is not refused", "an index is not refused"


def refusals(function: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Insert a refusal: of an argument at the top of the function, of an index where it is used.

    A function that raises something under a condition, or calls one that does, has its refusal, be
    it a wrong one.
    """
    for name in scope.given:
        line, indent = place_for(name, function, scope)
        for limit in (f"not {name} >= 0", f"{name} is not None and {name} < 1"):
            yield editor.insert_after(line, indent, refusal(limit, name), OF_ARGUMENT)
    if not has_refusal(function) and own_calls(function).isdisjoint(scope.refusing):
        yield from of_indexes(function, editor)


def refusal(condition: str, name: str) -> str:
    """Write a refusal of a value."""
    return f"if {condition}:\n    raise ValueError({name})"


def place_for(name: str, function: ast.FunctionDef, scope: Scope) -> tuple[int, int]:
    """Return the line and indent for the refusal of an argument.

    The refusals of a function stand in the order of its arguments, at its top.
    """
    first = function.body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    line = first.end_lineno if is_text else first.lineno - 1
    for statement in function.body:
        if isinstance(statement, ast.If) and isinstance(statement.body[0], ast.Raise):
            names = {n.id for n in ast.walk(statement.test) if isinstance(n, ast.Name)}
            places = [place for place, given in enumerate(scope.given) if given in names]
            if places and min(places) < scope.given.index(name):
                line = statement.end_lineno
    return line, first.col_offset


def of_indexes(function: ast.FunctionDef, editor: Editor) -> Iterator[Edit]:
    """Refuse an index that is out of range, in front of the statement that uses it."""
    rows = (body for node in ast.walk(function) for body in blocks(node))
    for line, statement in (pair for body in rows for pair in with_line_before(body)):
        for node in (n for part in own_parts(statement) for n in ast.walk(part)):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
                table, name, indent = editor.code(node.value), node.slice.id, statement.col_offset
                limit = f"not 0 <= {name} < len({table})"
                if loop := loop_of(name, statement):
                    yield from of_all(loop, limit, line, indent, editor)
                else:
                    yield editor.insert_after(line, indent, refusal(limit, name), OF_INDEX)


def loop_of(name: str, statement: ast.stmt) -> ast.comprehension | None:
    """Return the loop inside a statement, as in `[... for i in ids]`, that names a variable."""
    loops = (node for node in ast.walk(statement) if isinstance(node, ast.comprehension))
    return next((loop for loop in loops if getattr(loop.target, "id", "") == name), None)


def of_all(
    loop: ast.comprehension, limit: str, line: int, indent: int, editor: Editor
) -> Iterator[Edit]:
    """Refuse what a loop inside a statement goes through, if one of it is out of range."""
    if isinstance(loop.iter, ast.Name):
        row, name = loop.iter.id, editor.code(loop.target)
        code = f"{row} = list({row})\nif any({limit} for {name} in {row}):"
        yield editor.insert_after(line, indent, f"{code}\n    raise ValueError({row})", OF_INDEX)
