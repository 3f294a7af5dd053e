"""What a file makes and does not use: functions, imports, attributes, and what is often left so."""

import ast

from tutor.slips import contracts
from tutor.slips.scope import Function, Scope


def idle(tree: ast.AST, body: list[ast.stmt]) -> list[str]:
    """List the functions and classes made in a body whose names nobody looks at."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return [node.name for node in body if is_helper(node) and node.name not in names]


def unused_imports(tree: ast.Module) -> list[str]:
    """List the functions and classes that a file imports, and whose names nobody looks at."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    made = [name.asname or name.name for node in found for name in node.names]
    return [name for name in made if name not in names]


def is_helper(node: ast.stmt) -> bool:
    """Tell whether a statement makes a function or class that is there for this file only."""
    made = isinstance(node, Function | ast.ClassDef)
    return made and node.name not in contracts.public() and not node.name.startswith("__")


def used_attributes(tree: ast.Module, scope: Scope) -> set[str]:
    """List the attributes that a file looks at. Methods of other things, as x.where(), are none."""
    nodes = list(ast.walk(tree))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    loaded = (n for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load))
    return {
        node.attr
        for node in loaded
        if id(node) not in called or isinstance(node.value, ast.Name) and node.value.id == "self"
        if not scope.is_imported(node)
    }


def names_of_sizes(body: ast.AST) -> set[str]:
    """Return the names of which one or the other is often left unused, as in `B, T = x.shape`.

    Not so what a call gives back, as in `values, places = scores.sort()`, or two values at once.
    """
    rows = [node for node in ast.walk(body) if isinstance(node, ast.Tuple)]
    stored = {id(row): row for row in rows if isinstance(row.ctx, ast.Store)}
    for node in ast.walk(body):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call | ast.Tuple):
            if getattr(getattr(node.value, "func", None), "attr", "") != "size":
                stored.pop(id(node.targets[0]), None)
    names = (element for row in stored.values() for element in row.elts)
    return {element.id for element in names if isinstance(element, ast.Name)}


def names_of_rounds(body: ast.AST) -> set[str]:
    """Return the names that count the rounds of a loop: often nobody looks at them."""
    counting = [n for n in loops(body) if isinstance(n, ast.For) and "range" in ast.unparse(n.iter)]
    return {loop.target.id for loop in counting if isinstance(loop.target, ast.Name)}


def loops(body: ast.AST) -> list[ast.For | ast.While]:
    """List the loops of a function."""
    return [node for node in ast.walk(body) if isinstance(node, ast.For | ast.While)]
