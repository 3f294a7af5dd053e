"""One small change to the text of a learner's file, and how it is made from the syntax tree."""

import ast
import difflib
import re
from dataclasses import dataclass

from tutor.running.source import Source
from tutor.slips.catalogue import SLIPS
from tutor.slips.worth import cost_of

LOOSE = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr)
TIGHT = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Attribute, ast.Subscript, ast.Call)

NEEDLESS = re.compile(r"(?<![\w\])}'\"])\(([a-zA-Z_][\w.]*)\)(?=\.)")
"""Parentheses around a name, before a method of it."""


@dataclass(frozen=True)
class Edit:
    """A change: the characters from start to end give way to a text.

    Args:
        start: offset of the first character.
        end: offset behind the last one.
        text: what takes their place.
        line: the line that is changed. For an inserted statement, the line before it.
        cost: how unlikely it is, in bits: how many changes of its slip are tried for one that is
            right, as a power of 2.
        slip: the name of the slip, see catalogue.py.
        inserts: a whole statement is added after the line.
    """

    start: int
    end: int
    text: str
    line: int
    cost: int
    slip: str
    inserts: bool = False

    @property
    def deed(self) -> tuple[int, int, str]:
        """What it does to the text, whatever its slip is called, and however likely it is."""
        return self.start, self.end, self.text

    @property
    def hint(self) -> str:
        """What the learner may look at, without the answer."""
        return SLIPS[self.slip].hint

    def apply(self, text: str) -> str:
        """Return the text with this change."""
        return text[: self.start] + self.text + text[self.end :]

    def diff(self, text: str) -> list[str]:
        """Return the change as lines, with - before the old ones and + before the new ones.

        Where a line is moved, those beside it are shown as well.
        """
        every = difflib.ndiff(text.splitlines(), self.apply(text).splitlines())
        lines = [line for line in every if line[0] != "?"]
        shown = {number for number, line in enumerate(lines) if line[0] in "+-"}
        old, new = ([n for n in sorted(shown) if lines[n][0] == sign] for sign in "-+")
        if [lines[n][2:].strip() for n in old] == [lines[n][2:].strip() for n in new]:
            shown |= {near for n in shown for near in (n - 1, n + 1) if 0 <= near < len(lines)}
        return [lines[n] for n in sorted(shown)]


class Editor:
    """Makes edits of one file.

    Args:
        source: the learner's file.
    """

    def __init__(self, source: Source):
        self.text = source.text
        self.lines = [line + "\n" for line in source.lines]
        if not source.text.endswith("\n"):
            self.lines[-1] = self.lines[-1][:-1]
        self.blank = "\t" if any(line.startswith("\t") for line in source.lines) else " "
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place in the tree, whose columns count bytes."""
        before = self.lines[line - 1].encode("utf-8")[:column].decode("utf-8")
        return self.starts[line - 1] + len(before)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node starts and ends in the text."""
        start = self.offset(node.lineno, node.col_offset)
        return start, self.offset(node.end_lineno, node.end_col_offset)

    def code(self, node: ast.AST) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def part(self, node: ast.AST) -> str:
        """Return the text of a part of an operation, with the parentheses around it."""
        start, end = self.span(node)
        while self.text[:start].endswith("(") and self.text[end:].startswith(")"):
            start, end = start - 1, end + 1
        return self.text[start:end]

    def edit(
        self, span: tuple[int, int], text: str, line: int, slip: str, *, inserts: bool = False
    ) -> Edit:
        """Make an edit of a slip. The slip knows how likely it is."""
        return Edit(*span, text, line, cost_of(slip), slip, inserts)

    def replace(self, node: ast.expr, code: str, slip: str, parent: ast.AST | None = None) -> Edit:
        """Replace an expression. It gets parentheses where its surroundings would tear it apart."""
        start, end = self.span(node)
        code = NEEDLESS.sub(r"\1", code)
        if isinstance(parent, TIGHT) and is_loose(code):
            is_argument = isinstance(parent, ast.Call) and node is not parent.func
            is_index = isinstance(parent, ast.Subscript) and node is parent.slice
            code = code if is_argument or is_index else f"({code})"
        same = self.text[start : start + same_start(self.text[start:end], code)]
        line = node.lineno + same.count("\n")
        while line > node.lineno and not self.lines[line - 1].strip("()[]{}, \t\n"):
            line -= 1  # a bracket alone says nothing: the line before it lacks something
        return self.edit((start, end), code, line, slip)

    def with_arguments(self, call: ast.Call, arguments: list[str]) -> str:
        """Return a call with other arguments. Where a line or a comma can stay, it stays."""
        nodes = sorted([*call.args, *call.keywords], key=lambda node: self.span(node))
        start, end = self.span(call)
        if not nodes:
            return f"{self.code(call.func)}({', '.join(arguments)})"
        spans = [self.span(node) for node in nodes]
        between = [self.text[a:b] for (_, a), (b, _) in zip(spans, spans[1:])]
        between += [between[-1] if between else ", "] * len(arguments)
        joined = "".join(code + gap for code, gap in zip(arguments, between))
        if arguments:
            joined = joined[: len(joined) - len(between[len(arguments) - 1])]
        return self.text[start : spans[0][0]] + joined + self.text[spans[-1][1] : end]

    def replace_lines(
        self, first: int, last: int, lines: list[str], slip: str, at_fault: int = 0
    ) -> Edit:
        """Replace whole lines, from first to last. The first one is at fault, or the one given."""
        text = "".join(line if line.endswith("\n") else line + "\n" for line in lines)
        place = (self.starts[first - 1], self.starts[last])
        return self.edit(place, text, at_fault or first, slip)

    def insert_after(self, line: int, indent: int, code: str, slip: str) -> Edit:
        """Insert a statement, of one or more lines, after a line."""
        text = "".join(self.blank * indent + part + "\n" for part in code.splitlines())
        if not self.lines[line - 1].endswith("\n"):
            text = "\n" + text
        return self.edit((self.starts[line],) * 2, text, line, slip, inserts=True)


def same_start(one: str, two: str) -> int:
    """Return how many characters two texts have in common at their start."""
    pairs = enumerate(zip(one, two))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(two)))


def is_loose(code: str) -> bool:
    """Tell whether an expression holds together only by its operators, not by parentheses."""
    if " " not in code and code[0] not in "-~":
        return False
    try:
        whole = ast.parse(code, mode="eval").body
    except SyntaxError:
        return False
    return isinstance(whole, LOOSE) and whole.col_offset == 0
