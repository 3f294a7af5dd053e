"""Lines in the wrong place: each line of a function is tried at its other places."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from tutor.slips.edit import Edit, Editor
from tutor.slips.walk import LEAVES, is_plain, lines_of, own_blocks, with_line_before

EXCHANGED, FAR = "two lines exchanged", "a line too early or too late"
DEEP, SHALLOW = "a line too deep", "a line not deep enough"
ONCE, EACH = "once, not in each round", "in each round, not once"


class Spot(NamedTuple):
    """A place for a statement: before the one with this number in a row of statements."""

    row: int
    number: int
    line: int
    """The line behind which it would stand."""
    indent: int


def moves(owner: ast.AST, editor: Editor) -> Iterator[Edit]:
    """Move each statement of a function, class or file to each other place in it."""
    rows = list(own_blocks(owner))
    spots = [spot for row, body in enumerate(rows) for spot in spots_of(row, body)]
    for row, body in enumerate(rows):
        for number, one in enumerate(body):
            if is_plain(one) and len(body) > 1:
                for spot in spots:
                    steps = spot.number - number if spot.row == row else None
                    if name := name_of_move(one, spot, steps):
                        line = lines_of(at_fault(name, one, body[number - 1]))[0]
                        yield moved(one, spot, name, line, editor)


def spots_of(row: int, body: list[ast.stmt]) -> Iterator[Spot]:
    """Yield the places in a row of statements. Behind a return there is none."""
    before = enumerate(with_line_before(body))
    yield from (Spot(row, number, line, one.col_offset) for number, (line, one) in before)
    if not isinstance(body[-1], LEAVES):
        yield Spot(row, len(body), body[-1].end_lineno, body[-1].col_offset)


def name_of_move(one: ast.stmt, spot: Spot, steps: int | None) -> str:
    """Name a move, or return "" for one that changes nothing, or that another one is as well.

    Args:
        one: the statement.
        spot: where it goes.
        steps: how far that is in its own row of statements. None means into another row.
    """
    first, last = lines_of(one)
    stays = spot.line in (first - 1, last)
    if first <= spot.line < last or isinstance(one, LEAVES) and not stays:
        return ""
    if steps is not None:
        return {0: "", 1: "", 2: "", -1: EXCHANGED}.get(steps, FAR)
    is_out = spot.indent < one.col_offset
    if stays:
        return DEEP if is_out else SHALLOW
    if is_out and spot.line < first:
        return ONCE
    return EACH if spot.indent > one.col_offset and spot.line > last else ""


def at_fault(name: str, one: ast.stmt, before: ast.stmt) -> ast.stmt:
    """Return which statement stands wrong: of a loop and a line that change places, the line."""
    is_loop, is_line = hasattr(one, "body"), not hasattr(before, "body")
    return before if name == EXCHANGED and is_loop and is_line else one


def moved(one: ast.stmt, spot: Spot, name: str, line: int, editor: Editor) -> Edit:
    """Move a statement to a place, with the indent that is usual there. A line is at fault."""
    (first, last), lines = lines_of(one), editor.lines
    own = [indented(code, spot.indent - one.col_offset, editor) for code in lines[first - 1 : last]]
    if spot.line >= last:
        new = lines[last : spot.line] + own
        return editor.replace_lines(first, spot.line, new, name, line)
    new = own + lines[spot.line : first - 1]
    return editor.replace_lines(spot.line + 1, last, new, name, line)


def indented(code: str, more: int, editor: Editor) -> str:
    """Indent a line further, or less where the number is below 0 and there are only blanks."""
    if more >= 0:
        return editor.blank * more + code
    return code[-more:] if code[:-more].isspace() else code
