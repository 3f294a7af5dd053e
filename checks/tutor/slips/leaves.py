"""Slips in the smallest parts of a line: a constant, a name, what stands behind a dot."""

import ast
import difflib
import re
import sys
from collections.abc import Iterator

from tutor.slips import contracts
from tutor.slips.edit import Editor
from tutor.slips.kinds import Place
from tutor.slips.scope import Scope, unique
from tutor.slips.words import FAMILIES, TEXTS

Change = tuple[str, str]
"""The name of a slip, and the new code."""


def constant(place: Place, editor: Editor) -> Iterator[Change]:
    """Change a constant: a number by one, a sign, a switch, a text."""
    value = place.node.value
    if isinstance(value, bool):
        yield "True or False", str(not value)
        yield from (("a mode for True or False", mode) for mode in place.names("MODE"))
    elif isinstance(value, int):
        yield from whole_number(value)
    elif isinstance(value, float):
        yield from fraction(value)
    elif value is None:
        yield from (("a number for None", code) for code in ("0", "1", "-1"))
    elif isinstance(value, str):
        yield from text(place, editor)
    if isinstance(value, int | float) and not isinstance(value, bool):
        others = unique([*place.scope.given, *place.scope.unused])
        yield from (("an argument for a number", other) for other in others)
        yield from (("an attribute for a number", other) for other in place.scope.object)
    if type(value) is int and value < 5:
        yield from (("a length for a number", other) for other in place.names("LENGTH"))


def whole_number(value: int) -> Iterator[Change]:
    """Change a whole number."""
    yield from (("a number by one", str(other)) for other in (value + 1, value - 1))
    yield "the sign of a number", str(-value)
    if value == 0:
        yield "minus infinity", 'float("-inf")'
    if 0 <= value < 4:
        yield from (("another small number", str(other)) for other in range(-2, 4))
    if value > 3:
        yield from (("twice or half a number", str(other)) for other in (value * 2, value // 2))


def fraction(value: float) -> Iterator[Change]:
    """Change a number with a point in it."""
    yield "the sign of a number", repr(-value)
    others = (
        [1 / value, value * 10, value / 10, value * 2, value / 2]
        if 1e-99 < abs(value) < 1e99
        else []
    )
    for other in unique(["0.0", "1.0", *map(short, others)]):
        yield "another fraction", other
    if not 1e-3 < abs(value) < 1e3:
        yield "minus infinity", 'float("-inf")'


def short(value: float) -> str:
    """Return a fraction as a person would write it, without the rests of a calculation."""
    code = f"{value:.12g}"
    return code if "." in code or "e" in code else f"{code}.0"


def text(place: Place, editor: Editor) -> Iterator[Change]:
    """Change a text: its spelling, its kind, a way to open a file."""
    value = place.node.value
    for word in respelled(value, place.scope):
        yield "how a word is spelled", f'"{word}"'
    if re.search(r'"\s+"', editor.code(place.node)):
        yield "a comma between texts", re.sub(r'"\s+"', '", "', editor.code(place.node))
    if value in TEXTS:
        name = "another word of its kind" if value.strip() else "space or nothing"
        yield name, f'"{TEXTS[value]}"'
    elif value and not re.search(r"\w", value):
        yield "space or nothing", '""'
    if contracts.MARK.fullmatch(value):
        others = unique(contracts.MARK.findall(editor.text))
        yield from (("another word of its kind", f'"{other}"') for other in others)
    if re.search(r"[a-z_]\d", value):
        others = [re.sub(r"\d", digit, value) for digit in "0123"]
        yield from (("a digit in a word", f'"{other}"') for other in others)
    if value.count("->") == 1:
        yield from (("letters of an einsum", f'"{other}"') for other in einsum_texts(value))


def respelled(word: str, scope: Scope) -> list[str]:
    """List names of the contracts and of this function that are spelled almost like a word."""
    if not word.isidentifier():
        return []
    known = {*contracts.arguments(), *scope.own, *scope.keys} - {word}
    return difflib.get_close_matches(word, sorted(known), n=2, cutoff=0.75)


def einsum_texts(value: str) -> Iterator[str]:
    """Yield the patterns of an einsum with two neighbours exchanged, or with another letter."""
    for place, letter in enumerate(value):
        if value[place : place + 2].isalpha() and place + 1 < len(value):
            yield value[:place] + value[place + 1] + letter + value[place + 2 :]
        for other in sorted(set(value) - set(", .->")) if letter.isalpha() else ():
            yield value[:place] + other + value[place + 1 :]


def name(place: Place, editor: Editor) -> Iterator[Change]:
    """Change a name: another variable of the same function, or a relative of the same family."""
    node, parent, scope = place.node, place.parent, place.scope
    if isinstance(node.ctx, ast.Store) or node.id in scope.imports:
        return
    yield from relatives(node.id, "")
    called = isinstance(parent, ast.Call) and node is parent.func
    for other in () if called else scope.own:
        if other != node.id:
            yield "another variable", other
    for other in scope.globals if node.id.isupper() else ():
        if other.isupper() and other not in (node.id, *scope.own):
            yield "another name of the file", other
    if isinstance(parent, ast.Attribute | ast.Subscript | ast.Call) and not called:
        yield from (("an attribute for a name", other) for other in scope.object)


def relatives(word: str, before: str) -> Iterator[Change]:
    """Yield the other words of a word's families."""
    for family in FAMILIES:
        for other in family if word in family else ():
            if other != word:
                yield "a word of the same family", before + other


def neighbours(node: ast.Attribute, scope: Scope) -> list[str]:
    """List what a module has under a name that is spelled almost alike, such as bisect_left."""
    module = sys.modules.get(scope.modules.get(ast.unparse(node.value), ""))
    names = [name for name in vars(module) if name[0] != "_"] if module else []
    return [name for name in difflib.get_close_matches(node.attr, names, 5) if name != node.attr]


def attribute(place: Place, editor: Editor) -> Iterator[Change]:
    """Change what stands behind a dot."""
    node, parent, scope = place.node, place.parent, place.scope
    if isinstance(node.ctx, ast.Store):
        return
    before = editor.part(node.value) + "."
    yield from relatives(node.attr, before)
    for other in neighbours(node, place.scope):
        yield "a neighbour in its module", before + other
    if node.attr == "inf":
        yield "minus infinity", f"-{before}inf"
    if re.fullmatch(r".*[^_]_", node.attr) and node is getattr(parent, "func", None):
        yield "in place, or a copy", before + node.attr[:-1]
    for other in scope.values.get(editor.code(node.value), ()):
        if other != node.attr:
            yield "another attribute", before + other
    if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        for other in scope.attributes:
            if other != node.attr:
                yield "another attribute", before + other
        if isinstance(parent, ast.Call) and node is not parent.func:
            yield from (("a name for an attribute", other) for other in scope.own)
