"""Matches the rows of the catalogue on the syntax tree, and fills in what takes their place."""

import ast
import functools
import itertools
import re
from collections.abc import Iterator

from tutor.slips.catalogue import Slip
from tutor.slips.edit import LOOSE, Editor
from tutor.slips.guards import GUARDS
from tutor.slips.kinds import KINDS, Place

KIND = re.compile("|".join(rf"\b{name}\b" for name in KINDS))
WORD = re.compile(rf"(, )?\*R\b|\b[A-SU-Z]\b|{KIND.pattern}")
SKIPPED = ("ctx", "type_comment", "kind")
Rows = dict[type, list[Slip]]
"""The rows that may match a node, by its type."""
Found = dict[str, ast.AST | list[ast.AST] | str]
"""What the letters of a row stand for."""


def changes(rows: Rows, place: Place, editor: Editor) -> Iterator[tuple[str, str]]:
    """Yield (name, new code) for each row that matches a node."""
    node, stored = place.node, isinstance(getattr(place.node, "ctx", None), ast.Store | ast.Del)
    for slip in rows.get(type(node), ()):
        if stored and not is_subscript(slip) or not all(GUARDS[g](place) for g in slip.guards):
            continue
        found: Found = {}
        if matches(pattern(slip.before), node, found):
            codes = {name: code_of(name, slip, found, editor) for name in found}
            yield from ((slip.name, code) for code in filled(slip.after, found, codes, place))


def by_type(rows: list[Slip]) -> Rows:
    """Sort rows by the type of node that they match. What matches anything is in each list."""
    roots = [(slip, pattern(slip.before)) for slip in rows]
    types = [*ast.expr.__subclasses__(), *ast.stmt.__subclasses__()]
    return {
        kind: [slip for slip, root in roots if type(root) is kind or fits(root, kind)]
        for kind in types
    }


def fits(root: ast.AST, kind: type) -> bool:
    """Tell whether a pattern that is one letter fits a type of node."""
    return is_letter(root) and not issubclass(kind, ast.Starred | ast.Slice | ast.stmt)


def is_subscript(slip: Slip) -> bool:
    """Tell whether a row leaves brackets where brackets were, so that a value can be kept there."""
    return slip.before == "A[B]" and slip.after.startswith("A[")


@functools.cache
def pattern(code: str) -> ast.AST:
    """Return the tree of a pattern: an expression, or else a statement."""
    node = ast.parse(code).body[0]
    return node.value if isinstance(node, ast.Expr) else node


def is_letter(node: object) -> bool:
    """Tell whether a part of a pattern stands for any expression."""
    return isinstance(node, ast.Name) and len(node.id) == 1 and node.id.isupper()


def matches(one: object, two: object, found: Found) -> bool:
    """Tell whether a pattern matches a node, and note what its letters stand for."""
    if is_letter(one):
        known = found.setdefault(one.id, two)
        fits = isinstance(two, ast.expr) and not isinstance(two, ast.Starred)
        return fits and (known is two or same(known, two))
    if isinstance(one, list):
        return len(one) == len(two) and all(matches(a, b, found) for a, b in zip(one, two))
    if type(one) is not type(two):
        return False
    if isinstance(one, ast.Call):
        return calls_match(one, two, found)
    if isinstance(one, ast.Attribute) and one.attr == "M":
        found["M"] = two.attr
        return matches(one.value, two.value, found)
    if isinstance(one, ast.AST):
        fields = [name for name in one._fields if name not in SKIPPED]
        return all(matches(getattr(one, f), getattr(two, f, None), found) for f in fields)
    return one == two


def calls_match(one: ast.Call, two: ast.Call, found: Found) -> bool:
    """Match two calls. `*R` at the end of the pattern stands for all other arguments."""
    if one.args and isinstance(one.args[-1], ast.Starred):
        count = len(one.args) - 1
        found["R"] = [*two.args[count:], *two.keywords]
        every = [*one.args[:count]], two.args[:count]
    elif two.keywords and not one.keywords:
        return False
    else:
        every = [*one.args, *one.keywords], [*two.args, *two.keywords]
    return matches(one.func, two.func, found) and matches(*every, found)


def same(one: ast.AST, two: ast.AST) -> bool:
    """Tell whether two expressions are written alike, be they stored or looked at."""
    return ast.unparse(one) == ast.unparse(two)


def filled(after: str, found: Found, codes: dict[str, str], place: Place) -> Iterator[str]:
    """Yield what takes the place of a match: once for each name of the kinds in it."""
    kinds = list(dict.fromkeys(KIND.findall(after)))
    choices = [place.names(kind) for kind in kinds]
    if not all(choices):
        return
    codes = held_together(after, found, codes)
    for names in itertools.product(*choices):
        if len(set(names)) == len(names):
            yield put(after, codes | dict(zip(kinds, names)))


def held_together(after: str, found: Found, codes: dict[str, str]) -> dict[str, str]:
    """Put parentheses around what letters stand for, where it would fall apart without them."""
    loose = [n for n, part in found.items() if isinstance(part, LOOSE) and codes[n][0] != "("]
    wrapped = codes | {name: f"({codes[name]})" for name in loose}
    for name in loose:
        bare = wrapped | {name: codes[name]}
        if tree(put(after, bare)) == tree(put(after, wrapped)):
            wrapped = bare
    return wrapped


def code_of(name: str, slip: Slip, found: Found, editor: Editor) -> str:
    """Return what a letter stands for, as it is written: with its parentheses, if they are its."""
    part = found[name]
    if isinstance(part, list):
        return ", ".join(editor.code(node) for node in part)
    if isinstance(part, str):
        return part
    return editor.code(part) if name in alone(slip.before) else editor.part(part)


@functools.cache
def alone(before: str) -> set[str]:
    """Return the letters of a pattern that are all of it, or handed to a call."""
    calls = [node for node in ast.walk(pattern(before)) if isinstance(node, ast.Call)]
    nodes = [pattern(before), *(argument for call in calls for argument in call.args)]
    return {node.id for node in nodes if is_letter(node)}


def put(after: str, codes: dict[str, str]) -> str:
    """Write codes for the words of a row. Where `*R` stands for nothing, its comma goes too."""

    def code(word: re.Match) -> str:
        if word[0].endswith("*R"):
            return (word[1] or "") + codes["R"] if codes["R"] else ""
        return codes.get(word[0], word[0])

    return WORD.sub(code, after)


def tree(code: str) -> str:
    """Return the tree of some code as text, in which parentheses leave no trace."""
    try:
        return ast.dump(ast.parse(code))
    except SyntaxError:
        return code
