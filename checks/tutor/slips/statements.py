"""Changes of whole statements: one too many, or with another result; and of heads."""

import ast
from collections.abc import Iterator

from tutor.slips import engine
from tutor.slips.catalogue import STATEMENT_ROWS
from tutor.slips.edit import Edit, Editor
from tutor.slips.kinds import Place
from tutor.slips.leaves import relatives
from tutor.slips.moves import indented, moves
from tutor.slips.queries import name_in, shared
from tutor.slips.scope import Scope
from tutor.slips.walk import blocks, is_plain, is_program, lines_of

DECORATORS = ("torch.no_grad()", "property", "staticmethod")
SPECIAL_NAMES = {"init": "__init__", "post_init": "__post_init__", "forwards": "forward"}
SPECIAL_NAMES |= {"call": "__call__"}
ROWS = engine.by_type(STATEMENT_ROWS)


def changes(node: ast.AST, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Yield all changes of the statements that stand directly in a node."""
    for body in blocks(node):
        yield from removals(body, editor)
        yield from at_all_ends(body, editor)
        for one, two in zip(body, body[1:]):
            yield from kept(one, two, editor)
        for statement in body:
            yield from results(statement, scope, editor)
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
        yield from moves(node, editor)
    if isinstance(node, ast.FunctionDef):
        yield from heads(node, scope, editor)
    if isinstance(node, ast.ClassDef):
        yield from bases(node, editor)
        yield from for_each_object(node, editor)


def removals(body: list[ast.stmt], editor: Editor) -> Iterator[Edit]:
    """Take a statement away, or only the `if`, `with` or decorator around one."""
    for statement in body:
        first, last = lines_of(statement)
        if is_plain(statement):
            rest = [editor.blank * statement.col_offset + "pass"] if len(body) == 1 else []
            yield editor.replace_lines(first, last, rest, "a line too many")
        if isinstance(statement, ast.If | ast.With) and not getattr(statement, "orelse", []):
            inner = editor.lines[statement.body[0].lineno - 1 : last]
            shift = statement.col_offset - statement.body[0].col_offset
            moved = [indented(line, shift, editor) for line in inner]
            if not is_program(statement):
                yield editor.replace_lines(first, last, moved, "a condition too many")
        for one in getattr(statement, "decorator_list", []):
            yield editor.replace_lines(one.lineno, one.end_lineno, [], "a decorator too many")


def at_all_ends(body: list[ast.stmt], editor: Editor) -> Iterator[Edit]:
    """Let the last call of a row of statements run whatever happens in those before it."""
    *before, last = body[:-1] if isinstance(body[-1], ast.Return) and len(body) > 1 else body
    if not isinstance(last, ast.Expr) or not is_plain(last):
        return
    blank, (begin, end) = editor.blank * last.col_offset, lines_of(last)
    more = 4 if editor.blank == " " else 1
    own = [indented(line, more, editor) for line in editor.lines[begin - 1 : end]]
    for first in (lines_of(one)[0] for one in before if is_plain(one)):
        tried = [indented(line, more, editor) for line in editor.lines[first - 1 : begin - 1]]
        lines = [blank + "try:", *tried, blank + "finally:", *own]
        yield editor.replace_lines(first, end, lines, "a line at all ends", begin)


def kept(one: ast.stmt, two: ast.stmt, editor: Editor) -> Iterator[Edit]:
    """Put what a variable becomes into the next line, which uses it, and leave it as it was."""
    name = getattr(one.targets[0], "id", None) if isinstance(one, ast.Assign) else None
    uses = [node for node in ast.walk(two) if name and getattr(node, "id", "") == name]
    if len(uses) == 1 and isinstance(uses[0].ctx, ast.Load):
        start, end = editor.span(uses[0])
        first, last = lines_of(two)
        before, behind = editor.starts[first - 1], editor.starts[last]
        line = editor.text[before:start] + editor.code(one.value) + editor.text[end:behind]
        yield editor.replace_lines(one.lineno, last, [line], "kept, but meant once")


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


def bases(node: ast.ClassDef, editor: Editor) -> Iterator[Edit]:
    """Derive a class from another one of the same family, such as another exception."""
    for base in node.bases:
        for name, code in relatives(editor.code(base), ""):
            yield editor.replace(base, code, name, node)


def for_each_object(owner: ast.ClassDef, editor: Editor) -> Iterator[Edit]:
    """Let each object make what a class makes for all of its objects.

    That is done in __init__, or where a dataclass has none, by a field.
    """
    makers = [node for node in owner.body if getattr(node, "name", "") == "__init__"]
    for one in shared(owner) if makers or owner.decorator_list else ():
        first, last = lines_of(one)
        name, code = name_in(one), editor.code(one.value)
        if not makers:
            field = f"{editor.blank * one.col_offset}{name}: object = field("
            line = f"{field}default_factory=lambda: {code})"
            yield editor.replace_lines(first, last, [line], "shared by all objects")
        elif last < (begin := makers[0].body[0].lineno - 1):
            own = f"{editor.blank * makers[0].body[0].col_offset}self.{name} = {code}"
            lines = [*editor.lines[last:begin], own]
            yield editor.replace_lines(first, begin, lines, "shared by all objects")


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
