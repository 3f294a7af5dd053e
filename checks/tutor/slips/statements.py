"""Changes of whole statements: one too many, one in the wrong place, or with another result."""

import ast
from collections.abc import Iterator

from tutor.slips import engine
from tutor.slips.catalogue import STATEMENT_ROWS
from tutor.slips.edit import Edit, Editor
from tutor.slips.kinds import Place
from tutor.slips.leaves import relatives
from tutor.slips.queries import name_in, shared
from tutor.slips.scope import Scope
from tutor.slips.walk import LEAVES, blocks, is_program

DECORATORS = ("torch.no_grad()", "property", "staticmethod")
SPECIAL_NAMES = {"init": "__init__", "post_init": "__post_init__", "forwards": "forward"}
SPECIAL_NAMES |= {"call": "__call__"}
ROWS = engine.by_type(STATEMENT_ROWS)
BLOCKS = ast.For | ast.While | ast.If | ast.With


def changes(node: ast.AST, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Yield all changes of the statements that stand directly in a node."""
    for body in blocks(node):
        yield from removals(body, editor)
        yield from orders(body, editor)
        yield from levels(body, node, editor)
        yield from starts(body, editor)
        for statement in body:
            yield from results(statement, scope, editor)
    if isinstance(node, ast.FunctionDef):
        yield from heads(node, scope, editor)
    if isinstance(node, ast.ClassDef):
        yield from bases(node, editor)
        yield from for_each_object(node, editor)


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
        first, last = lines_of(statement)
        if is_plain(statement):
            rest = [editor.blank * statement.col_offset + "pass"] if len(body) == 1 else []
            yield editor.replace_lines(first, last, rest, "a line too many")
        if isinstance(statement, ast.If | ast.With) and not getattr(statement, "orelse", []):
            inner = editor.lines[statement.body[0].lineno - 1 : last]
            shift = statement.body[0].col_offset - statement.col_offset
            moved = [line[shift:] if line[:shift].isspace() else line for line in inner]
            if not is_program(statement):
                yield editor.replace_lines(first, last, moved, "a condition too many")
        for one in getattr(statement, "decorator_list", []):
            yield editor.replace_lines(one.lineno, one.end_lineno, [], "a decorator too many")


def results(statement: ast.stmt, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Change what becomes of a result: where it is kept, and how."""
    kinds = ast.Assign | ast.AugAssign | ast.Return | ast.Expr | ast.Continue
    if not isinstance(statement, kinds) or not is_plain(statement):
        return
    node, around = statement, None
    if isinstance(statement, ast.Expr):
        node, around = statement.value, statement
    start, end = editor.span(statement)
    place = Place(node, around, scope.at(statement.lineno))
    for name, code in engine.changes(ROWS, place, editor):
        yield editor.edit((start, end), code, statement.lineno, name)


def orders(body: list[ast.stmt], editor: Editor) -> Iterator[Edit]:
    """Exchange two neighbours, or let a line that sets something stand last."""
    lines = editor.lines
    end = body[-1].lineno - 1 if isinstance(body[-1], LEAVES) else body[-1].end_lineno
    for one in body[:-2]:
        first, last = lines_of(one)
        if is_start(one) and last < end:
            new = lines[last:end] + lines[first - 1 : last]
            yield editor.replace_lines(first, end, new, "a line too early")
    for one, two in zip(body, body[1:]):
        if is_plain(one) and is_plain(two):
            (first, middle), (after, last) = lines_of(one), lines_of(two)
            new = lines[after - 1 : last] + lines[middle : after - 1] + lines[first - 1 : middle]
            yield editor.replace_lines(first, last, new, "two lines exchanged", after)


def levels(body: list[ast.stmt], node: ast.AST, editor: Editor) -> Iterator[Edit]:
    """Move the last statement out of a block, or the one behind a block into it."""
    last = body[-1]
    if isinstance(node, BLOCKS) and is_plain(last) and len(body) > 1:
        first_line, last_line = lines_of(last)
        shift = last.col_offset - node.col_offset
        moved = [line[shift:] for line in editor.lines[first_line - 1 : last_line]]
        yield editor.replace_lines(first_line, last_line, moved, "a line too deep")
    for one, two in zip(body, body[1:]):
        if isinstance(one, BLOCKS) and is_plain(two):
            first_line, last_line = lines_of(two)
            shift = editor.blank * (one.body[0].col_offset - one.col_offset)
            moved = [shift + line for line in editor.lines[first_line - 1 : last_line]]
            yield editor.replace_lines(first_line, last_line, moved, "a line not deep enough")


def starts(body: list[ast.stmt], editor: Editor) -> Iterator[Edit]:
    """Move what sets something into a loop behind it, or out of a loop to stand before it."""
    for place, loop in enumerate(body):
        if isinstance(loop, ast.For | ast.While) and loop.body[0].lineno > loop.lineno:
            yield from (into(loop, one, editor) for one in body[:place] if is_start(one))
            yield from (out_of(loop, one, editor) for one in loop.body[:-1] if is_start(one))


def into(loop: ast.For | ast.While, one: ast.stmt, editor: Editor) -> Edit:
    """Move a statement into a loop behind it, as its first one."""
    (first, last), begin, lines = lines_of(one), lines_of(loop.body[0])[0] - 1, editor.lines
    blank = editor.blank * (loop.body[0].col_offset - loop.col_offset)
    new = lines[last:begin] + [blank + line for line in lines[first - 1 : last]]
    return editor.replace_lines(first, begin, new, "a start for all rounds")


def out_of(loop: ast.For | ast.While, one: ast.stmt, editor: Editor) -> Edit:
    """Move a statement of a loop out of it, in front of it."""
    (first, last), lines = lines_of(one), editor.lines
    shift = one.col_offset - loop.col_offset
    moved = [line[shift:] if line[:shift].isspace() else line for line in lines[first - 1 : last]]
    new = moved + lines[loop.lineno - 1 : first - 1]
    return editor.replace_lines(loop.lineno, last, new, "a start in each round", first)


def is_start(statement: ast.stmt) -> bool:
    """Tell whether a statement sets something."""
    return isinstance(statement, ast.Assign | ast.AnnAssign)


def bases(node: ast.ClassDef, editor: Editor) -> Iterator[Edit]:
    """Derive a class from another one of the same family, such as another exception."""
    for base in node.bases:
        for name, code in relatives(editor.code(base), ""):
            yield editor.replace(base, code, name, node)


def for_each_object(owner: ast.ClassDef, editor: Editor) -> Iterator[Edit]:
    """Move what a class makes for all of its objects into __init__, where each makes its own."""
    makers = [node for node in owner.body if getattr(node, "name", "") == "__init__"]
    for one in shared(owner) if makers else ():
        first, last = lines_of(one)
        begin = makers[0].body[0].lineno - 1
        blank = editor.blank * makers[0].body[0].col_offset
        if last < begin:
            own = f"{blank}self.{name_in(one)} = {editor.code(one.value)}"
            yield editor.replace_lines(
                first, begin, [*editor.lines[last:begin], own], "shared by all objects"
            )


def heads(node: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Change the head of a function: self, a decorator, its name."""
    head, line, first = editor.lines[node.lineno - 1], node.lineno, lines_of(node)[0]
    arguments = [one.arg for one in node.args.args]
    if scope.owner is not None and arguments[:1] not in (["self"], ["cls"]):
        new = head.replace("(", "(self, " if arguments else "(self", 1)
        yield editor.replace_lines(line, line, [new], "self is missing")
    for decorator in DECORATORS:
        if decorator not in {ast.unparse(one) for one in node.decorator_list}:
            above = f"{editor.blank * node.col_offset}@{decorator}"
            lines = [above, editor.lines[first - 1]]
            yield editor.replace_lines(first, first, lines, "a decorator is missing")
    special = SPECIAL_NAMES.get(node.name.strip("_"), node.name)
    if scope.owner is not None and special != node.name:
        new = head.replace(f"def {node.name}", f"def {special}", 1)
        yield editor.replace_lines(line, line, [new], "a special name")
