"""Small typed changes of a learner's file, the likely slips first.

edit.py          one change of the text
scope.py         the names that a function knows
tables.py        what is known about Python and this field
expressions.py   slips inside a line, sorted by kind: leaves, operators, calls, rows, around
statements.py    lines too many, or in the wrong place
missing.py       lines that are not there
"""

import ast
from collections.abc import Callable, Iterator

from tutor.edits import expressions, missing, statements
from tutor.edits.edit import Edit, Editor
from tutor.edits.scope import scope_of, walk_with_scope
from tutor.source import Source


def candidates(
    source: Source, active: set[int], distance: Callable[[int], int] = lambda line: 0
) -> Iterator[tuple[int, Edit]]:
    """Yield (rank, edit) for each change of a file, once, the likely ones first.

    Args:
        source: the learner's file.
        active: the lines that ran when the fact failed. Others cannot be at fault.
        distance: how far a line is from what failed. It counts like the cost of an edit.
    """
    seen = set()
    far = {line: distance(line) for line in range(len(source.lines) + 1)}
    ranked = [(edit.cost + far.get(edit.line, 0), edit) for edit in all_edits(source, active)]
    for rank, edit in sorted(ranked, key=lambda pair: pair[0]):
        key = (edit.start, edit.end, edit.text)
        if key not in seen:
            seen.add(key)
            yield rank, edit


def all_edits(source: Source, active: set[int]) -> Iterator[Edit]:
    """Yield every change that the operators know, of the lines that ran."""
    editor = Editor(source)
    for node, parent, scope in walk_with_scope(source.tree):
        if isinstance(node, ast.expr) and node.lineno in active:
            for code, cost, hint in expressions.changes(node, parent, scope, editor):
                yield editor.replace(node, code, cost, hint, parent)
        if isinstance(node, ast.FunctionDef):
            owner = parent if isinstance(parent, ast.ClassDef) else None
            scope = scope_of(node, owner, source.tree)
        for edit in statements.changes(node, scope, editor):
            if edit.line in active:
                yield edit
        if isinstance(node, ast.FunctionDef) and has_run(node, active):
            yield from missing.insertions(node, scope, editor)


def has_run(function: ast.FunctionDef, active: set[int]) -> bool:
    """Tell whether a function was called: a line of its body is among those that ran."""
    return any(line in active for line in range(function.body[0].lineno, function.end_lineno + 1))
