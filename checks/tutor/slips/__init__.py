"""Small typed changes of a learner's file, the likely slips first.

catalogue.py     every slip: its name, its hint, an example, and what most of them change
worth.py         what a slip is worth, and so what it costs
engine.py        how a row of the catalogue is matched and filled in
guards.py        what must be so around it
kinds.py         what its words in capitals stand for
words.py         words that are taken for one another
edit.py          one change of the text
expressions.py   slips inside a line: those in rows, and those that are functions:
leaves.py        a name, a number or a word
calls.py         with which arguments something is called
rows.py          slices, rows of values, comparisons
statements.py    lines too many, and what becomes of a result
moves.py         lines in the wrong place
missing.py       lines that are not there
unset.py         the same, for a variable without a first value
repeats.py       the same, for one of several lines that are alike
refusals.py      the same, for what turns a wrong value away
likely.py        what makes a change likelier
contracts.py     what others look at in a learner's module
roles.py         what the names of a file stand for
scope.py         the names that a function knows
donors.py        what the file does elsewhere
collect.py       how these are found in the file
unused.py        which of them nobody uses
queries.py       what is asked of a syntax tree
twins.py         the same change, where a result is made
walk.py          every node of a file, with what is known there
"""

import ast
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from tutor.running.source import Source
from tutor.slips import expressions, missing, statements
from tutor.slips.edit import Edit, Editor
from tutor.slips.kinds import Place
from tutor.slips.likely import bonus
from tutor.slips.scope import Scope
from tutor.slips.twins import where_it_is_made
from tutor.slips.walk import walk_with_scope

DOES_NOTHING = re.compile(r"[^()]*")
"""A statement without a call. To make one of a call is to take the line away."""


def candidates(
    source: Source,
    active: set[int],
    distance: Callable[[Edit], int] = lambda edit: 0,
    most: int | None = None,
) -> Iterator[tuple[int, Edit]]:
    """Yield (rank, edit) for each change of a file, once, the likely ones first.

    Args:
        source: the learner's file.
        active: the lines that ran when the fact failed. Others cannot be at fault.
        distance: how far an edit is from what failed. It counts like the cost of the edit.
        most: how many there may be. None means any number.
    """
    return itertools.islice(ranked(source, all_edits(source, active), distance), most)


def ranked(
    source: Source, edits: Iterable[Edit], distance: Callable[[Edit], int]
) -> Iterator[tuple[int, Edit]]:
    """Yield (rank, edit) for each change of a file, once, the likely ones first."""
    seen = set()
    pairs = [(edit.cost + distance(edit), edit) for edit in edits]
    for rank, edit in sorted(pairs, key=lambda pair: pair[0]):
        if edit.deed not in seen and edit.text != source.text[edit.start : edit.end]:
            seen.add(edit.deed)
            yield rank, edit


def all_edits(source: Source, active: set[int]) -> Iterator[Edit]:
    """Yield every change that the operators know, of the lines that ran."""
    editor = Editor(source)
    for node, parent, scope in walk_with_scope(source.tree):
        try:
            found = list(edits_of(node, parent, scope, editor, active))
        except Exception:  # an operator that odd code surprises must not end the search
            continue
        for edit in found:
            more = bonus(edit, scope, source.text)
            yield replace(edit, cost=edit.cost - more) if more else edit


def edits_of(
    node: ast.AST, parent: ast.AST, scope: Scope, editor: Editor, active: set[int]
) -> Iterator[Edit]:
    """Yield the changes of one node, if it ran."""
    if isinstance(node, ast.expr) and node.lineno in active:
        for slip, code in expressions.changes(Place(node, parent, scope), editor):
            if not (isinstance(parent, ast.Expr) and DOES_NOTHING.fullmatch(code)):
                yield editor.replace(node, code, slip, parent)
                yield from where_it_is_made(node, code, slip, scope, editor)
    for edit in statements.changes(node, scope, editor):
        if edit.line in active:
            yield edit
    if isinstance(node, ast.FunctionDef) and has_run(node, active):
        yield from missing.insertions(node, scope, editor)


def has_run(function: ast.FunctionDef, active: set[int]) -> bool:
    """Tell whether a function was called: a line of its body is among those that ran."""
    return any(line in active for line in range(function.body[0].lineno, function.end_lineno + 1))
