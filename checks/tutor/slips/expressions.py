"""Changes of an expression: those that are rows of the catalogue, and those that are functions."""

import ast
from collections.abc import Iterator

from tutor.slips import calls, engine, leaves, rows
from tutor.slips.catalogue import EXPRESSION_ROWS
from tutor.slips.edit import Editor
from tutor.slips.kinds import Place
from tutor.slips.leaves import Change

FUNCTIONS = {
    ast.Constant: [leaves.constant],
    ast.Name: [leaves.name],
    ast.Attribute: [leaves.attribute],
    ast.Compare: [rows.compare],
    ast.Call: [calls.call, rows.one_part, rows.uncut],
    ast.Lambda: [calls.bound],
    ast.BinOp: [rows.one_part, rows.regroup],
    ast.IfExp: [rows.one_part, rows.regroup],
    ast.BoolOp: [rows.one_part],
    ast.Subscript: [rows.subscript, rows.one_part],
    ast.Tuple: [rows.tuple_or_list],
    ast.List: [rows.tuple_or_list],
    ast.Dict: [rows.entries],
    ast.DictComp: [rows.dictionary],
}

ROWS = engine.by_type(EXPRESSION_ROWS)


def changes(place: Place, editor: Editor) -> Iterator[Change]:
    """Yield (name, new code) for all slips that one expression may have."""
    if not place.scope.is_imported(place.node):
        yield from engine.changes(ROWS, place, editor)
    for function in FUNCTIONS.get(type(place.node), []):
        yield from function(place, editor)
