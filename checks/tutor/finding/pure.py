"""Can the code of a change be run beside the code that it would replace, and leave no trace?"""

import ast

from tutor.slips.edit import Edit

VALUE = "_value_"
"""Stands for the value of the expression itself, which is made only once."""
UNCHANGING = (str, bytes, int, float, tuple, frozenset)
PURE = {name for kind in UNCHANGING for name in dir(kind) if name[0] != "_"} - {"replace"}
"""Methods of what can never change change nothing. Files have a method `replace` too."""
PURE |= {"abs", "all", "any", "bool", "bytes", "dict", "float", "int", "len", "list", "max", "min"}
PURE |= {"range", "round", "set", "sorted", "str", "sum", "tuple", "items", "keys", "values", "get"}
PURE |= {"tolist", "item", "exp", "log", "softmax", "log_softmax", "squeeze", "unsqueeze", "clone"}
PURE |= {"transpose", "permute", "view", "reshape", "flatten", "contiguous", "mean", "argmax"}
PURE |= {"argsort", "masked_fill", "tril", "triu", "zeros", "ones", "full", "arange", "size", "cat"}
PURE |= {"long", "detach", "amax", "sqrt", "ceil", "floor", "zeros_like", "ones_like", "full_like"}
LOUD = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda, ast.Starred)


def pure_code(edit: Edit, node: ast.expr, own: set[str]) -> ast.expr | None:
    """Return what a change puts in the place of an expression, or None if it may leave a trace.

    Where the expression itself is part of it, VALUE stands in its place. Of a method of the value
    that may leave a trace, its name is enough: not every value has such a method.

    Args:
        edit: the change.
        node: the expression.
        own: the names of the functions in the file. They may leave a trace, whatever they are.
    """
    try:
        code = ast.parse(edit.text.strip(), mode="eval").body
    except SyntaxError:
        return None
    code = Inner(ast.dump(node)).visit(code)
    if isinstance(code, ast.Call) and is_method_of_value(code.func) and not is_pure(code, own):
        code = code.func
    return code if all(is_pure(part, own) for part in ast.walk(code)) else None


def is_pure(node: ast.AST, own: set[str]) -> bool:
    """Tell whether a part of an expression leaves no trace, apart from its own parts."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return name in PURE - own and not any(word.arg == "key" for word in node.keywords)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.LShift):
        return isinstance(node.right, ast.Constant)  # another number may be far too large
    return not isinstance(node, LOUD)


def is_method_of_value(node: ast.expr) -> bool:
    """Tell whether a node is the name of a method of the value."""
    return isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == VALUE


class Inner(ast.NodeTransformer):
    """Puts VALUE in the place of an expression.

    Args:
        dump: the expression, as ast.dump shows it.
    """

    def __init__(self, dump: str):
        self.dump = dump

    def visit(self, node: ast.AST) -> ast.AST:
        """Exchange a node, if it is the one."""
        if isinstance(node, ast.expr) and ast.dump(node) == self.dump:
            return ast.Name(VALUE, ast.Load())
        return self.generic_visit(node)
