"""Walks through a learner's file, and knows at each place what is known there."""

import ast
from collections.abc import Iterator

from tutor.slips.collect import scope_of_file, scope_of_function
from tutor.slips.scope import Function

LEAVES = ast.Return | ast.Raise | ast.Break | ast.Continue
"""What leaves a block: behind it, nothing would run."""


def walk_with_scope(tree: ast.Module):
    """Yield (node, parent, scope) for every node: what is known there, or inside, for a function.

    Annotations, docstrings, the insides of f-strings, the bases of classes, and what only a program
    would run are left out.
    """
    top = scope_of_file(tree)

    def visit(node, parent, scope, known, owner):
        if is_docstring(node, parent) or is_program(node):
            return
        if isinstance(node, Function):
            scope = scope_of_function(node, owner, scope, top, tree)
        if isinstance(node, ast.stmt):
            known = scope if isinstance(node, Function) else scope.at(node.lineno)
        yield node, parent, known
        if isinstance(node, ast.JoinedStr):
            return
        inner = node if isinstance(node, ast.ClassDef) else owner
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "bases"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from visit(child, node, scope, known, inner)

    yield from visit(tree, None, top, top, None)


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the rows of statements that stand directly in a node, such as the body of a loop."""
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            yield body


def with_line_before(body: list[ast.stmt]) -> Iterator[tuple[int, ast.stmt]]:
    """Yield each statement of a row, with the line behind which it begins."""
    yield body[0].lineno - 1, body[0]
    yield from ((one.end_lineno, two) for one, two in zip(body, body[1:]))


def own_parts(statement: ast.stmt) -> list[ast.AST]:
    """Return what a statement looks at itself: of a loop or condition, the head only."""
    if not hasattr(statement, "body"):
        return [statement]
    heads = (getattr(statement, name, None) for name in ("iter", "test"))
    return [head for head in heads if head is not None]


def is_program(node: ast.AST) -> bool:
    """Tell whether a node is `if __name__ == "__main__":`, which an import does not run."""
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)


def is_docstring(node: ast.AST, parent: ast.AST | None) -> bool:
    """Tell whether a node is a text that stands alone as a statement."""
    return isinstance(node, ast.Constant) and isinstance(parent, ast.Expr)


def own_blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the rows of statements in a node, but not those of the functions and classes in it.

    What only a program would run is left out.
    """
    yield from blocks(node)
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, Function | ast.ClassDef) or is_program(child)):
            yield from own_blocks(child)


def lines_of(statement: ast.stmt) -> tuple[int, int]:
    """Return the first and last line of a statement, decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)]), statement.end_lineno


def is_plain(statement: ast.stmt) -> bool:
    """Tell whether a statement is one that may be moved: not a definition, import or docstring."""
    fixed = Function | ast.ClassDef | ast.Import | ast.ImportFrom
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return not (isinstance(statement, fixed) or is_text or is_program(statement))
