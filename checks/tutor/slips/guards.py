"""What must be so around an expression, that a row of the catalogue may be tried."""

import ast
import functools
import re

from tutor.slips.kinds import Place

COUNTING = {"range", "randint", "arange", "islice", "topk", "randperm", "integers", "narrow"}
COUNTING |= {"unfold", "count", "ones", "zeros", "empty", "full", "sample", "randrange", "kthvalue"}
"""Calls whose arguments are sizes."""
MISSING = r"KeyError|LookupError|\bException"
"""Who catches one of these has an answer for a key that is not there."""
RESULTS = (ast.Assign, ast.AnnAssign, ast.Return)
STARRED = (ast.Starred, ast.For, ast.comprehension)
COMPUTED = (ast.Call, ast.BinOp, ast.Attribute, ast.Subscript)


def is_argument(place: Place) -> bool:
    """Tell whether an expression is handed to a call."""
    if isinstance(place.parent, ast.keyword):
        return True
    return isinstance(place.parent, ast.Call) and place.node is not place.parent.func


def is_result(place: Place) -> bool:
    """Tell whether an expression is what is kept or given back."""
    return isinstance(place.parent, RESULTS) and place.node is place.parent.value


def is_sized(place: Place) -> bool:
    """Tell whether an expression is handed to a call that takes sizes."""
    if not is_argument(place) or isinstance(place.parent, ast.keyword):
        return False
    function = place.parent.func
    return getattr(function, "attr", getattr(function, "id", "")) in COUNTING


def is_counted(place: Place) -> bool:
    """Tell whether an expression counts something: a size, an end, an index, a side of < or >."""
    if isinstance(place.node, ast.Constant | ast.Tuple | ast.List):
        return False
    is_index = isinstance(place.parent, ast.Subscript) and place.node is place.parent.slice
    return is_index or isinstance(place.parent, ast.Slice | ast.Compare) or is_sized(place)


def is_condition(place: Place) -> bool:
    """Tell whether an expression decides what is done."""
    inside = isinstance(place.parent, ast.comprehension) and place.node in place.parent.ifs
    return inside or place.node is getattr(place.parent, "test", None)


def is_refusing(place: Place) -> bool:
    """Tell whether an expression decides that something is turned away."""
    is_if = isinstance(place.parent, ast.If)
    return is_if and is_condition(place) and isinstance(place.parent.body[0], ast.Raise)


def is_mask(place: Place) -> bool:
    """Tell whether an expression is handed to something that speaks of a mask."""
    return is_argument(place) and "mask" in ast.unparse(place.parent)


def is_kept(place: Place) -> bool:
    """Tell whether an expression is put into a collection."""
    parent = place.parent
    into = isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript)
    return (
        into or is_argument(place) and getattr(getattr(parent, "func", 0), "attr", "") == "append"
    )


def is_member(place: Place) -> bool:
    """Tell whether an expression becomes an attribute of the object."""
    parent = place.parent
    return isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Attribute)


def is_named(place: Place) -> bool:
    """Tell whether an attribute is not called, or what a list is made of is a name only."""
    if isinstance(place.node, ast.ListComp):
        return isinstance(place.node.elt, ast.Name)
    return not (isinstance(place.parent, ast.Call) and place.node is place.parent.func)


def is_free(place: Place) -> bool:
    """Tell whether a call belongs to a value, not to a module."""
    return not place.scope.is_imported(place.node.func)


def says_error(place: Place) -> bool:
    """Tell whether a statement makes an exception."""
    return re.search("err|exception", ast.unparse(place.node), re.IGNORECASE) is not None


def is_part(place: Place) -> bool:
    """Tell whether an expression is a value inside a line: something could be done with it."""
    node, parent = place.node, place.parent
    if isinstance(node, ast.Constant) or not isinstance(getattr(node, "ctx", LOAD), ast.Load):
        return False
    if isinstance(parent, ast.Call | ast.Attribute | ast.Subscript | ast.Expr):
        return is_argument(place)
    return not isinstance(parent, ast.arguments | ast.FormattedValue | ast.Slice | ast.Starred)


def value_of(place: Place) -> ast.AST:
    """Return an expression, or what a statement is about."""
    return getattr(place.node, "value", place.node) if is_statement(place) else place.node


def is_word(place: Place) -> bool:
    """Tell whether an expression is a text that is handed to a call, or what is returned."""
    is_text = isinstance(getattr(place.node, "value", None), str)
    return is_text and (is_argument(place) or is_result(place))


@functools.cache
def catches(function: ast.AST) -> bool:
    """Tell whether a function has an answer for a key that is not there."""
    handlers = [node for node in ast.walk(function) if isinstance(node, ast.ExceptHandler)]
    caught = [ast.unparse(handler.type) if handler.type else "" for handler in handlers]
    return any(not code or re.search(MISSING, code) for code in caught)


def is_statement(place: Place) -> bool:
    """Tell whether a place is a whole statement."""
    return isinstance(place.node, ast.stmt)


LOAD = ast.Load()
GUARDS = {
    "argument": is_argument,
    "assigned": lambda place: isinstance(place.parent, ast.Assign),
    "attribute": lambda place: isinstance(value_of(place), ast.Attribute),
    "bound": lambda place: isinstance(place.parent, ast.Slice),
    "call": lambda place: isinstance(value_of(place), ast.Call),
    "computed": lambda place: isinstance(place.node, COMPUTED),
    "condition": is_condition,
    "counted": is_counted,
    "dict": lambda place: isinstance(place.node, ast.Dict | ast.DictComp),
    "error": says_error,
    "free": is_free,
    "index": lambda place: not isinstance(place.node.slice, ast.Slice | ast.Tuple),
    "init": lambda place: place.scope.function.name in ("__init__", "__post_init__"),
    "kept": is_kept,
    "list": lambda place: isinstance(place.node, ast.List | ast.ListComp | ast.Attribute),
    "loading": lambda place: "load" in place.scope.function.name,
    "mask": is_mask,
    "member": is_member,
    "name": lambda place: isinstance(getattr(place.node, "targets", [place.node])[0], ast.Name),
    "named": is_named,
    "number": lambda place: isinstance(place.node, ast.BinOp),
    "part": is_part,
    "plain": lambda place: isinstance(place.node, ast.Name | ast.Attribute),
    "result": is_result,
    "refusing": is_refusing,
    "resultless": lambda place: place.scope.is_resultless,
    "returned": lambda place: isinstance(place.parent, ast.Return),
    "sized": is_sized,
    "starred": lambda place: isinstance(place.parent, STARRED),
    "uncaught": lambda place: not catches(place.function),
    "unread": lambda place: ast.unparse(place.node.targets[0]) in place.scope.unread,
    "word": is_word,
    "wrapped": lambda place: is_result(place) or is_argument(place),
}
"""What stands behind `when` in a row."""
