"""A row of lines that are alike, and one of them is missing: the line before it, once more.

`vocab.append("<pad>")`, `vocab.append("<unk>")`, and where is `<eos>`? The new line says another
word of the kind, or uses what is made but not used, at one or two places of the old one.
"""

import ast
import itertools
from collections.abc import Iterator

from tutor.slips import contracts
from tutor.slips.edit import Edit, Editor
from tutor.slips.scope import Scope
from tutor.slips.walk import blocks

NAME = "the line before, once more"
MOST_PLACES, MOST_LINES = 2, 30
ALIKE = ast.Assign | ast.AugAssign | ast.Expr


def repeats(function: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Add a line like the one before it, behind each simple statement of a function."""
    for node in ast.walk(function):
        for statement in (one for body in blocks(node) for one in body):
            if isinstance(statement, ALIKE):
                codes = itertools.islice(alike(statement, scope, editor), MOST_LINES)
                indent, line = statement.col_offset, statement.end_lineno
                yield from (editor.insert_after(line, indent, code, NAME) for code in codes)


def alike(statement: ast.stmt, scope: Scope, editor: Editor) -> Iterator[str]:
    """Yield statements that differ from one at one or two places."""
    choices = [(part, others_for(part, scope)) for part in ast.walk(statement)]
    choices = [(part, others) for part, others in choices if others]
    for count in range(1, MOST_PLACES + 1):
        for chosen in itertools.combinations(choices, count):
            for words in itertools.product(*(others for _, others in chosen)):
                if len(set(words)) == len(words):
                    yield with_words(statement, [part for part, _ in chosen], words, editor)


def others_for(part: ast.AST, scope: Scope) -> list[str]:
    """List what may stand in the place of a part: other words in <>, or names that wait."""
    if isinstance(part, ast.Constant) and contracts.MARK.fullmatch(str(part.value)):
        return [f'"{mark}"' for mark in contracts.marks() if mark != part.value]
    if isinstance(part, ast.Name | ast.Attribute) and isinstance(part.ctx, ast.Load):
        is_constant = isinstance(part, ast.Name) and part.id.isupper()
        constants = [name for name in scope.globals if is_constant and name.isupper()]
        return [*constants, *sorted(scope.waiting)]
    return []


def with_words(statement: ast.stmt, parts: list, words: tuple[str, ...], editor: Editor) -> str:
    """Return the text of a statement with other words in the place of some of its parts."""
    code, start = editor.code(statement), editor.span(statement)[0]
    for (first, last), word in sorted(zip(map(editor.span, parts), words), reverse=True):
        code = code[: first - start] + word + code[last - start :]
    return code
