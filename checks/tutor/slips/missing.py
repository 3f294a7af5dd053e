"""Statements that are missing: what is often forgotten is inserted at every place of a function."""

import ast
from collections.abc import Iterator

from tutor.slips import engine
from tutor.slips.catalogue import MISSING_ROWS
from tutor.slips.edit import Edit, Editor
from tutor.slips.guards import GUARDS
from tutor.slips.kinds import Place
from tutor.slips.refusals import refusals
from tutor.slips.repeats import repeats
from tutor.slips.scope import Scope, unique
from tutor.slips.unset import first_values
from tutor.slips.walk import LEAVES, blocks


def insertions(function: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Insert what may be missing, at every place of a function."""
    yield from refusals(function, scope, editor)
    yield from first_values(function, scope, editor)
    yield from repeats(function, scope, editor)
    for line, indent in places_in(function):
        place = Place(function, None, scope.at(line + 1))
        for slip in MISSING_ROWS:
            if all(GUARDS[guard](place) for guard in slip.guards):
                for code in engine.filled(slip.after, {}, {}, place):
                    yield editor.insert_after(line, indent, code, slip.name)


def places_in(function: ast.FunctionDef) -> list[tuple[int, int]]:
    """List the lines of a function behind which a statement can be added, each with its indent.

    Behind what leaves a block, such as a return, nothing would run.
    """
    places = []
    for node in ast.walk(function):
        for body in blocks(node):
            places.append((body[0].lineno - 1, body[0].col_offset))
            places += [(s.end_lineno, s.col_offset) for s in body if not isinstance(s, LEAVES)]
    return unique(places)
