"""Changes of an expression: the slips that people make inside a line.

Each operator takes a node and yields (new code, cost, hint). They know Python and the terms of this
field, such as triu and softmax. They know no particular answer.
"""

import ast
from collections.abc import Iterator

from tutor.slips import around, calls, leaves, operators, rows
from tutor.slips.edit import Editor
from tutor.slips.scope import Scope
from tutor.slips.tables import Change

OPERATORS = {
    ast.Constant: leaves.constant,
    ast.Name: leaves.name,
    ast.Attribute: leaves.attribute,
    ast.BinOp: operators.binary,
    ast.Compare: operators.compare,
    ast.BoolOp: operators.boolean,
    ast.UnaryOp: operators.unary,
    ast.IfExp: operators.conditional,
    ast.Call: calls.call,
    ast.Subscript: rows.subscript,
    ast.Tuple: rows.tuple_or_list,
    ast.List: rows.tuple_or_list,
    ast.Dict: rows.shared,
    ast.DictComp: rows.comprehension,
    ast.ListComp: rows.comprehension,
    ast.SetComp: rows.comprehension,
    ast.GeneratorExp: rows.comprehension,
}


def changes(node: ast.expr, parent: ast.AST, scope: Scope, editor: Editor) -> Iterator[Change]:
    """Yield all changes of one expression."""
    yield from OPERATORS.get(type(node), lambda *_: ())(node, parent, scope, editor)
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or scope.is_imported(node):
        return
    yield from around.one_more_or_less(node, parent, scope, editor)
    yield from around.unwrapped(node, parent, scope, editor)
    yield from around.inside(node, parent, scope, editor)
    yield from around.wrapped(node, parent, scope, editor)
