"""Changes of whole statements: one too many, or one in the wrong place or order."""

import ast
from collections.abc import Iterator

from tutor.slips.edit import Edit, Editor
from tutor.slips.scope import Scope, unique
from tutor.slips.tables import SYMBOLS
from tutor.slips.walk import blocks, is_program

IN_PLACE = {"append", "extend", "insert", "add", "update", "sort", "reverse", "remove", "step"}
"""Methods that change their object, and give nothing back."""

FOR_EFFECT = {"print", "backward", "zero_grad", "train", "eval", "manual_seed", "save", "replace"}
"""What else is called for what it does, not for what it gives back."""


def changes(node: ast.AST, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Yield all changes of the statements that stand directly in a node."""
    for body in blocks(node):
        yield from removals(body, editor)
        yield from orders(body, editor)
        yield from levels(body, node, editor)
    if isinstance(node, ast.FunctionDef):
        yield from heads(node, scope, editor)


def lines_of(statement: ast.stmt) -> tuple[int, int]:
    """Return the first and last line of a statement, decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)]), statement.end_lineno


def is_plain(statement: ast.stmt) -> bool:
    """Tell whether a statement is one that may be moved: not a definition, import or docstring."""
    fixed = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return not (isinstance(statement, fixed) or is_text or is_program(statement))


def removals(body: list[ast.stmt], editor: Editor) -> Iterator[Edit]:
    """Take a statement away, or only the `if`, `with` or decorator around one."""
    for statement in body:
        if is_program(statement):
            continue
        first, last = lines_of(statement)
        if is_plain(statement):
            indent = editor.blank * statement.col_offset
            rest = [indent + "pass"] if len(body) == 1 else []
            yield editor.replace_lines(first, last, rest, 2, "does this line belong here?")
        if isinstance(statement, ast.If | ast.With) and not getattr(statement, "orelse", []):
            inner = editor.lines[statement.body[0].lineno - 1 : last]
            shift = statement.body[0].col_offset - statement.col_offset
            moved = [line[shift:] if line[:shift].isspace() else line for line in inner]
            yield editor.replace_lines(first, last, moved, 3, "does this condition belong here?")
        for decorator in getattr(statement, "decorator_list", []):
            yield editor.replace_lines(
                decorator.lineno, decorator.end_lineno, [], 2, "does this decorator belong here?"
            )
        yield from results(statement, editor)


def results(statement: ast.stmt, editor: Editor) -> Iterator[Edit]:
    """Change what becomes of a result: where it is kept, and how."""
    codes = []
    if isinstance(statement, ast.AugAssign):
        target, value = editor.code(statement.target), editor.code(statement.value)
        codes = [(f"{target} {sign} {value}", 1) for sign in ("=", "+=", "-=", "*=", "/=")]
        if symbol := SYMBOLS.get(type(statement.op)):
            codes.append((f"{target} = {target} {symbol} {editor.part(statement.value)}", 1))
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        codes = assignments(statement, editor)
    elif isinstance(statement, ast.Expr):
        codes = kept(statement.value, editor)
    elif isinstance(statement, ast.Return) and statement.value is not None:
        value = editor.part(statement.value)
        codes = [(f"{word} {value}", 2) for word in ("yield", "yield from", "raise")]
    start, end = editor.span(statement)
    for code, cost in codes:
        yield Edit(start, end, code, statement.lineno, cost, "what becomes of its result?")


def kept(value: ast.expr, editor: Editor) -> Iterator[tuple[str, int]]:
    """Yield what can become of a value that stands alone: nothing is done with it."""
    code = editor.code(value)
    if isinstance(value, ast.Call):
        targets = [ast.unparse(a) for a in value.args if isinstance(a, ast.Name)]
        if isinstance(value.func, ast.Attribute) and isinstance(value.func.value, ast.Name):
            targets.append(value.func.value.id)
        name = getattr(value.func, "attr", getattr(value.func, "id", ""))
        cost = 2 if name in IN_PLACE | FOR_EFFECT or name.endswith("_") else 1
        yield f"return {code}", 2
        yield f"raise {code}", 2 if "Err" in code else 4
        yield from ((f"{target} = {code}", cost) for target in unique(targets))
    elif isinstance(value, ast.Attribute):
        yield f"{code}()", 1
    elif isinstance(value, ast.Yield):
        yield from ((code.replace("yield", word, 1), 2) for word in ("return", "yield from"))
    elif not isinstance(value, ast.Constant):
        yield f"return {code}", 1


def assignments(statement: ast.Assign, editor: Editor) -> Iterator[tuple[str, int]]:
    """Yield other ways to keep a value: added, in place, as one of two, in the object."""
    target, value = editor.code(statement.targets[0]), editor.code(statement.value)
    yield f"{target} += {value}", 2
    if isinstance(statement.value, ast.Call):
        method = getattr(statement.value.func, "attr", "")
        yield value, 1 if method in IN_PLACE else 3
        if method in IN_PLACE:
            changed, given = statement.value.func.value, statement.value.args[:1]
            yield from ((f"{target} = {code}", 2) for code in as_value(method, changed, given))
    if isinstance(statement.value, ast.BinOp) and editor.code(statement.value.left) == target:
        signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
        sign = signs.get(type(statement.value.op), "+")
        yield f"{target} {sign}= {editor.code(statement.value.right)}", 1
    if isinstance(statement.targets[0], ast.Tuple) and isinstance(statement.value, ast.Tuple):
        targets = [editor.code(node) for node in statement.targets[0].elts]
        values = [editor.code(node) for node in statement.value.elts]
        yield f"{', '.join(targets[::-1])} = {', '.join(values[::-1])}", 2
    elif isinstance(statement.targets[0], ast.Tuple):
        targets = [editor.code(node) for node in statement.targets[0].elts]
        yield f"{', '.join(targets[::-1])} = {value}", 1
    if isinstance(place := statement.targets[0], ast.Subscript):
        yield f"{editor.code(place.value)}[{value}] = {editor.code(place.slice)}", 1
    if isinstance(statement.targets[0], ast.Name):
        yield f"{target}, _ = {value}", 2
        yield f"self.{target} = {value}", 2


def as_value(method: str, changed: ast.expr, given: list[ast.expr]) -> Iterator[str]:
    """Yield the new value that a method in place does not give back."""
    old, new = ast.unparse(changed), "".join(ast.unparse(part) for part in given)
    if method == "sort":
        yield f"sorted({old})"
    elif method == "reverse":
        yield f"{old}[::-1]"
    elif given:
        yield from (f"{old} + {new}", f"{old} + [{new}]", f"[*{old}, *{new}]", f"{old} | {new}")


def orders(body: list[ast.stmt], editor: Editor) -> Iterator[Edit]:
    """Exchange two neighbours."""
    for one, two in zip(body, body[1:]):
        if is_plain(one) and is_plain(two):
            (first, middle), (after, last) = lines_of(one), lines_of(two)
            lines = editor.lines
            new = lines[after - 1 : last] + lines[middle : after - 1] + lines[first - 1 : middle]
            edit = editor.replace_lines(first, last, new, 2, "look at the order of these lines")
            yield edit


def levels(body: list[ast.stmt], node: ast.AST, editor: Editor) -> Iterator[Edit]:
    """Move the last statement out of a block, or the one behind a block into it."""
    hint = "look at how far this line is indented"
    last = body[-1]
    if isinstance(node, ast.For | ast.While | ast.If | ast.With) and is_plain(last):
        first_line, last_line = lines_of(last)
        shift = last.col_offset - node.col_offset
        moved = [line[shift:] for line in editor.lines[first_line - 1 : last_line]]
        if len(body) > 1:
            yield editor.replace_lines(first_line, last_line, moved, 1, hint)
    for one, two in zip(body, body[1:]):
        if isinstance(one, ast.For | ast.While | ast.If | ast.With) and is_plain(two):
            first_line, last_line = lines_of(two)
            shift = editor.blank * (one.body[0].col_offset - one.col_offset)
            moved = [shift + line for line in editor.lines[first_line - 1 : last_line]]
            cost = 3 if isinstance(two, ast.Return) else 1
            yield editor.replace_lines(first_line, last_line, moved, cost, hint)


def heads(node: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Change the head of a function: self, a decorator, its name."""
    arguments = node.args.args
    indent = editor.blank * node.col_offset
    first = lines_of(node)[0]
    head = editor.lines[node.lineno - 1]
    is_method = scope.owner is not None
    if is_method and (not arguments or arguments[0].arg not in ("self", "cls")):
        new = head.replace("(", "(self, " if arguments else "(self", 1)
        yield editor.replace_lines(node.lineno, node.lineno, [new], 1, "look at its arguments")
    for decorator in ("torch.no_grad()", "property", "staticmethod"):
        if decorator not in {ast.unparse(d) for d in node.decorator_list}:
            lines = [f"{indent}@{decorator}", editor.lines[first - 1]]
            yield editor.replace_lines(first, first, lines, 3, "what should stand above this line?")
    if is_method:
        for name in ("__init__", "__post_init__", "forward"):
            if node.name != name and node.name.strip("_") in (
                "init",
                "post_init",
                "forwards",
                "call",
            ):
                new = head.replace(f"def {node.name}", f"def {name}", 1)
                yield editor.replace_lines(node.lineno, node.lineno, [new], 1, "look at the name")
