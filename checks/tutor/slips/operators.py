"""Slips in operations: the operator, the order, the comparison, the condition."""

import ast
from collections.abc import Iterator

from tutor.slips.edit import Editor
from tutor.slips.tables import ARITHMETIC, COMPARISONS, SYMBOLS, Change


def binary(node, parent, scope, editor) -> Iterator[Change]:
    """Change an operation: the operator, the order, or one side only."""
    left, right = editor.part(node.left), editor.part(node.right)
    symbol = SYMBOLS.get(type(node.op), "")
    hint = f"look at the {symbol or 'operator'} in it"
    for other in ARITHMETIC.get(type(node.op), "").split():
        yield f"{left} {other} {right}", 1, hint
    if symbol:
        yield f"({right}) {symbol} ({left})", 1, "look at the order in it"
    yield from regrouped(node, symbol, editor)
    yield left, 1, hint
    yield right, 1, hint
    if isinstance(node.op, ast.Div | ast.Mult):
        for inner in calls_inside(node.left):
            moved = f"({editor.code(inner)}) {symbol} {right}"
            start, end = editor.span(node.left)
            one, two = editor.span(inner)
            code = editor.text[start:one] + moved + editor.text[two:end]
            yield code, 1, "look at where this happens: before or after?"
        yield f"{left} {symbol} {right} ** 0.5", 1, "look at the scale in it"
    if isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List):
        yield f"[{left[1:-1]} for _ in range({right})]", 1, "are these several things, or one?"
    if isinstance(node.op, ast.Mult) and right.lstrip("-") in ("0.5", "2"):
        yield f"{left} ** {right}", 1, hint
    if isinstance(node.op, ast.Pow):
        yield f"{left} ** 0.5", 1, hint
        yield f"{left} ** -0.5", 1, hint
    if isinstance(node.op, ast.MatMult):
        yield f"{left} {symbol} ({right}).transpose(-2, -1)", 2, "look at the shapes in it"
        yield f"({left}).transpose(-2, -1) {symbol} {right}", 3, "look at the shapes in it"


def regrouped(node: ast.BinOp, symbol: str, editor: Editor) -> Iterator[Change]:
    """Do the first of two operations before the second, or the other way round."""
    hint = "look at what is done first: are parentheses missing?"
    left, right = node.left, node.right
    if isinstance(right, ast.BinOp) and (inner := SYMBOLS.get(type(right.op))):
        both = f"{editor.part(left)} {symbol} {editor.part(right.left)}"
        yield f"({both}) {inner} {editor.part(right.right)}", 1, hint
    if isinstance(left, ast.BinOp) and (inner := SYMBOLS.get(type(left.op))):
        both = f"{editor.part(left.right)} {symbol} {editor.part(right)}"
        yield f"{editor.part(left.left)} {inner} ({both})", 1, hint


def calls_inside(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the first argument of a call, of the call in it, and so on."""
    while isinstance(node, ast.Call) and node.args:
        node = node.args[0]
        yield node


def compare(node, parent, scope, editor) -> Iterator[Change]:
    """Change a comparison: its operators, its direction, or its lower end."""
    parts = [node.left, *node.comparators]
    codes = [editor.part(part) for part in parts]
    words = [word_of(op) for op in node.ops]
    for place, op in enumerate(node.ops):
        for other in COMPARISONS.get(type(op), "").split():
            new = [*words[:place], other.replace("-", " "), *words[place + 1 :]]
            yield chain(codes, new), 1, "look at the comparison in it"
    if len(words) == 1 and words[0] in (">", ">="):
        yield (
            f"{codes[0]} < 0 or {codes[0]} {words[0]} {codes[1]}",
            2,
            "look at the lower end in it",
        )
        yield f"not 0 <= {codes[0]} < {codes[1]}", 2, "look at both ends in it"
    if len(words) == 1 and words[0] in ("<", "<="):
        yield f"0 <= {codes[0]} {words[0]} {codes[1]}", 2, "look at the lower end in it"
        yield f"not {codes[0]} >= {codes[1]}", 2, "look at what is neither above nor below (NaN)"
    yield f"not ({editor.code(node)})", 2, "look at the condition in it"
    for text in texts_in(node):
        for end in (f"{text}[-1:].isspace()", f"not {text}[-1:].isspace()"):
            for word in ("and", "or"):
                yield f"({editor.code(node)} {word} {end})", 3, "is the word complete?"


def texts_in(node: ast.expr) -> list[str]:
    """List the texts that are split into words inside an expression."""
    calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    methods = [call.func for call in calls if isinstance(call.func, ast.Attribute)]
    return [ast.unparse(method.value) for method in methods if method.attr == "split"]


def word_of(op: ast.cmpop) -> str:
    """Return a comparison operator as it is written."""
    for word in ("<", "<=", ">", ">=", "==", "!=", "in", "not in", "is", "is not"):
        if type(ast.parse(f"a {word} b", mode="eval").body.ops[0]) is type(op):
            return word
    return ""


def chain(codes: list[str], words: list[str]) -> str:
    """Join operands and operators to one comparison."""
    return codes[0] + "".join(f" {word} {code}" for word, code in zip(words, codes[1:]))


def boolean(node, parent, scope, editor) -> Iterator[Change]:
    """Change an `and` or `or`: the other one, or a part only."""
    codes = [editor.part(value) for value in node.values]
    own, other = (" and ", " or ") if isinstance(node.op, ast.And) else (" or ", " and ")
    yield other.join(codes), 1, "look at and/or in it"
    for place in range(len(codes)):
        rest = codes[:place] + codes[place + 1 :]
        yield own.join(rest), 2, "look at the condition in it"


def unary(node, parent, scope, editor) -> Iterator[Change]:
    """Take a sign or a `not` away, or say what is asked for in place of `not`."""
    if isinstance(node.op, ast.Not):
        for word in ("is None", "== -1"):
            yield f"{editor.part(node.operand)} {word}", 2, "is 0 meant as well?"
    yield editor.part(node.operand), 1, "look at the sign or the not in it"


def conditional(node, parent, scope, editor) -> Iterator[Change]:
    """Change `a if c else b`: the other way round, or one of them always."""
    body, orelse, test = (editor.part(part) for part in (node.body, node.orelse, node.test))
    hint = "look at the if in it"
    yield f"{orelse} if {test} else {body}", 1, hint
    yield body, 2, hint
    yield orelse, 2, hint
