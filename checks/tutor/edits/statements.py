"""Changes of whole statements: one too many, or one in the wrong place or order."""

import ast
from collections.abc import Iterator

from tutor.edits.edit import Edit, Editor
from tutor.edits.missing import BODIES
from tutor.edits.scope import Scope, unique


def changes(node: ast.AST, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Yield all changes of the statements that stand directly in a node."""
    for name in BODIES:
        body = getattr(node, name, None)
        if isinstance(body, list) and body:
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
    return not isinstance(statement, fixed) and not is_text


def removals(body: list[ast.stmt], editor: Editor) -> Iterator[Edit]:
    """Take a statement away, or only the `if`, `with` or decorator around one."""
    for statement in body:
        first, last = lines_of(statement)
        if is_plain(statement):
            indent = " " * statement.col_offset
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
        if isinstance(statement, ast.AugAssign):
            target, value = editor.code(statement.target), editor.code(statement.value)
            start, end = editor.span(statement)
            for sign in ("=", "+=", "-=", "*=", "/="):
                code = f"{target} {sign} {value}"
                yield Edit(start, end, code, statement.lineno, 1, "look at the sign in it")
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            start, end = editor.span(statement)
            if isinstance(statement.targets[0], ast.Name):
                start_of_value = editor.span(statement.value)[0]
                code = f"{editor.code(statement.targets[0])}, _ = "
                hint = "how many things come out?"
                yield Edit(start, start_of_value, code, statement.lineno, 2, hint)
            target, value = editor.code(statement.targets[0]), editor.code(statement.value)
            yield Edit(
                start, end, f"{target} += {value}", statement.lineno, 2, "look at the = in it"
            )
            yield from results(statement, target, value, editor)
            if isinstance(statement.targets[0], ast.Name):
                code, hint = f"self.{target} = {value}", "where is this kept?"
                yield Edit(start, end, code, statement.lineno, 2, hint)
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            function = statement.value.func
            if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
                start = editor.span(statement)[0]
                code = f"{function.value.id} = "
                yield Edit(start, start, code, statement.lineno, 2, "what becomes of its result?")
            start, hint = editor.span(statement)[0], "what becomes of its result?"
            targets = [ast.unparse(a) for a in statement.value.args if isinstance(a, ast.Name)]
            for code in ["return ", *(f"{target} = " for target in unique(targets))]:
                yield Edit(start, start, code, statement.lineno, 2, hint)


def results(statement: ast.Assign, target: str, value: str, editor: Editor) -> Iterator[Edit]:
    """Change what becomes of a result: not kept, or changed in place."""
    start, end = editor.span(statement)
    if isinstance(statement.value, ast.Call):
        yield Edit(start, end, value, statement.lineno, 1, "what does this call give back?")
    if isinstance(statement.value, ast.BinOp) and editor.code(statement.value.left) == target:
        signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
        sign = signs.get(type(statement.value.op), "+")
        code = f"{target} {sign}= {editor.code(statement.value.right)}"
        yield Edit(start, end, code, statement.lineno, 1, "is it changed, or made anew?")


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
            shift = " " * (one.body[0].col_offset - one.col_offset)
            moved = [shift + line for line in editor.lines[first_line - 1 : last_line]]
            yield editor.replace_lines(first_line, last_line, moved, 1, hint)


def heads(node: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Change the head of a function: self, a decorator, a default."""
    arguments = node.args.args
    indent = " " * node.col_offset
    first = lines_of(node)[0]
    head = editor.lines[node.lineno - 1]
    is_method = scope.owner is not None
    if is_method and (not arguments or arguments[0].arg not in ("self", "cls")):
        new = head.replace("(", "(self, " if arguments else "(self", 1)
        yield editor.replace_lines(node.lineno, node.lineno, [new], 1, "look at its arguments")
    for decorator in ("torch.no_grad()", "property", "staticmethod", "dataclass"):
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
