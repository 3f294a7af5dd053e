"""Variables without a first value: a function looks at them before it sets them, or may do so."""

import ast
import builtins
from collections.abc import Iterator

from tutor.slips.edit import Edit, Editor
from tutor.slips.scope import Function, Scope, unique
from tutor.slips.walk import blocks, own_parts, with_line_before

VALUES = ["0", "[]", '""', "None", "{}", "1", "-1", "True", "False", "set()", '-float("inf")']


def first_values(function: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Give a variable its first value, in front of the first statement of a block that names it."""
    for name in unset(function, scope):
        for line, indent in first_mentions(name, function):
            known = [other for other in scope.at(line + 1).own if other != name]
            constants = [other for other in scope.globals if other.isupper()]
            for value in unique([*VALUES, *constants, *known]):
                code = f"{name} = {value}"
                yield editor.insert_after(line, indent, code, "a first value")


def unset(function: ast.FunctionDef, scope: Scope) -> list[str]:
    """List the variables that may lack a first value: they are set nowhere, or in a block only."""
    known = {*scope.given, "self", "cls", *scope.outer, *scope.globals, *scope.imports}
    early = {}
    after(function.body, known | {*dir(builtins), *inner_names(function)}, early)
    return list(early)


def after(body: list[ast.stmt], known: set[str], early: dict[str, int]) -> set[str]:
    """Return the names that are known for sure behind some statements.

    What they look at without knowing it is added to `early`, with its line.
    """
    for statement in body:
        grows = statement.target if isinstance(statement, ast.AugAssign) else None
        for part in own_parts(statement):
            for node in (n for n in ast.walk(part) if isinstance(n, ast.Name)):
                if (is_look(node) or node is grows) and node.id not in known:
                    early.setdefault(node.id, node.lineno)
        known = known | names_set(statement)
        ends = [after(inner, known, early) for inner in blocks(statement)]
        if isinstance(statement, ast.With | ast.Try):
            known = known.union(*ends)
        elif isinstance(statement, ast.If) and statement.orelse:
            known = known | set.intersection(*ends)
    return known


def is_look(name: ast.Name) -> bool:
    """Tell whether a name is looked at, not set."""
    return isinstance(name.ctx, ast.Load)


def names_set(statement: ast.stmt) -> set[str]:
    """Return the names that a statement sets itself, such as the variable of a loop."""
    if isinstance(statement, Function | ast.ClassDef):
        return set()
    heads = [statement]
    if hasattr(statement, "body"):
        heads = [*getattr(statement, "items", []), *own_parts(statement)]
        heads += [statement.target] if hasattr(statement, "target") else []
    names = (n for head in heads for n in ast.walk(head) if isinstance(n, ast.Name))
    return {node.id for node in names if not is_look(node)}


def inner_names(function: ast.FunctionDef) -> set[str]:
    """Return the names that are known in a part of a function only, or made by a definition."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.comprehension):
            found |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(name.asname or name.name).split(".")[0] for name in node.names}
        elif isinstance(node, Function | ast.ExceptHandler | ast.ClassDef):
            found.add(node.name)
    return found


def first_mentions(name: str, function: ast.FunctionDef) -> Iterator[tuple[int, int]]:
    """Yield (line before, indent) of the first statement that names a variable, of each block."""
    for node in ast.walk(function):
        for body in blocks(node):
            for line, statement in with_line_before(body):
                if any(getattr(inner, "id", "") == name for inner in ast.walk(statement)):
                    yield line, statement.col_offset
                    break
