"""Slips in the smallest parts of a line: a constant, a name, what stands behind a dot."""

import ast
import difflib
import re
from collections.abc import Iterator

from tutor.slips.queries import made_by
from tutor.slips.roles import KNOWN
from tutor.slips.scope import Scope, unique
from tutor.slips.tables import FAMILIES, SPECIAL_TOKENS, Change


def constant(node, parent, scope, editor) -> Iterator[Change]:
    """Change a constant: a number by one, a sign, a switch."""
    value, hint = node.value, "look at the constant in it"
    if isinstance(value, bool):
        yield str(not value), 1, hint
    elif isinstance(value, int):
        near = [value + 1, value - 1, -value, 0, 1, 2, 3, -1, -2]
        near += [value * 2, value // 2] if value > 3 else []
        for number in unique(near):
            if number != value:
                yield str(number), 1 if abs(number - value) == 1 or number == -value else 2, hint
        yield "None", 3, hint
        yield from parameters(scope, hint)
        if value > 9 and "model" in scope.own:
            yield 'model.config["block_size"]', 2, hint
    elif isinstance(value, float):
        yield from parameters(scope, hint)
        for code in unique([repr(-value), repr(1 / value) if value else "1.0", "1.0", "0.0"]):
            yield code, 2, hint
        yield 'float("-inf")', 2, hint
    elif value is None:
        yield from ((code, 2, hint) for code in ("0", "1", "-1"))
    elif isinstance(value, str):
        yield from text(node, parent, scope, editor)
    if value == 0:
        yield 'float("-inf")', 2, hint


def text(node, parent, scope, editor) -> Iterator[Change]:
    """Change a text: its spelling, a special token, a key, a way to open a file."""
    value, hint = node.value, "look at the text in it"
    for word in respelled(value, scope):
        yield f'"{word}"', 1, "look at how this is spelled"
    if re.search(r'"\s+"', editor.code(node)):
        yield re.sub(r'"\s+"', '", "', editor.code(node)), 1, "look at the commas in it"
    others = {"": " ", " ": "", "inf": "-inf", "-inf": "inf", "w": "wb", "r": "rb", "rb": "wb"}
    others |= {"big": "little", "little": "big"}
    texts = [others[value]] if value in others else []
    if value in SPECIAL_TOKENS:
        texts += [token for token in SPECIAL_TOKENS if token != value]
    if value.strip("<>").lower() in ("pad", "unk", "eos"):
        texts.append(f"<{value.strip('<>').lower()}>")
    texts += einsum_texts(value) if value.count("->") == 1 else []
    texts += [re.sub(r"\d", digit, value) for digit in "0123" if re.search(r"[a-z_]\d", value)]
    quoted = [repr(other).replace("'", '"') for other in texts if other != value]
    yield from ((code, 1, hint) for code in quoted)
    if value in SPECIAL_TOKENS:
        for table in scope.tables:
            yield f"{table}.index({editor.code(node)})", 3, "a name, or its id?"
            yield f"{table}[{editor.code(node)}]", 3, "a name, or its id?"
    if isinstance(parent, ast.Subscript):
        keys = [n.value for n in ast.walk(scope_tree(scope)) if is_text(n)]
        yield from ((f'"{key}"', 2, hint) for key in unique(keys) if key != value)


def respelled(word: str, scope: Scope) -> list[str]:
    """List names of the contracts and of this function that are spelled almost like a word."""
    if not word.isidentifier():
        return []
    known = {*KNOWN, *scope.own, *scope.keys} - {word}
    return difflib.get_close_matches(word, sorted(known), n=2, cutoff=0.75)


def parameters(scope: Scope, hint: str) -> Iterator[Change]:
    """Yield the arguments of a function in place of a constant, those first that it never uses."""
    for other in scope.parameters:
        if other != "self":
            yield other, 2 if other in scope.unread else 3, hint


def einsum_texts(value: str) -> Iterator[str]:
    """Yield the patterns of an einsum with two neighbours exchanged in one of its parts."""
    inputs, output = value.split("->")
    parts = [*inputs.split(","), output]
    for number, part in enumerate(parts):
        for place in range(len(part) - 1):
            new = part[:place] + part[place + 1] + part[place] + part[place + 2 :]
            every = [*parts[:number], new, *parts[number + 1 :]]
            yield ",".join(every[:-1]) + "->" + every[-1]


def scope_tree(scope: Scope) -> ast.AST:
    """Return the tree in which a scope lies."""
    return scope.owner or scope.function or ast.Module([], [])


def is_text(node: ast.AST) -> bool:
    """Tell whether a node is a short text, such as a key."""
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()
    )


def name(node, parent, scope, editor) -> Iterator[Change]:
    """Change a name: another variable of the same function, or a relative of the same family."""
    if isinstance(node.ctx, ast.Store) or node.id in scope.imports:
        return
    yield from relatives(node.id, "")
    called = isinstance(parent, ast.Call) and node is parent.func
    others = scope.globals if called else scope.own + scope.globals
    for other in unique(others):
        if other != node.id:
            yield other, 2 if other in scope.own else 4, f"look at {node.id} in it"
    if isinstance(parent, ast.Attribute | ast.Subscript | ast.Call) and not called:
        for attribute in scope.attributes:
            yield f"self.{attribute}", 4, f"look at {node.id} in it"


def relatives(word: str, before: str) -> Iterator[Change]:
    """Yield the other words of a word's families."""
    for family in FAMILIES:
        if word in family:
            for other in family:
                if other != word:
                    yield before + other, 1, f"look at {word}"


def attribute(node, parent, scope, editor) -> Iterator[Change]:
    """Change what stands behind a dot."""
    if isinstance(node.ctx, ast.Store):
        return
    before = editor.part(node.value) + "."
    yield from relatives(node.attr, before)
    if node.attr in ("append", "extend"):
        other = "extend" if node.attr == "append" else "append"
        yield before + other, 2, f"look at {node.attr}"
    if not (isinstance(parent, ast.Call) and node is parent.func):
        yield f"{editor.code(node)}()", 2, "is it called, or only named?"
        yield f'{before[:-1]}["{node.attr}"]', 2, "an attribute, or a key?"
    if node.attr in ("T", "mT"):
        yield before[:-1], 1, f"look at {node.attr}"
    if node.attr == "manual_seed":
        made = made_by(scope.function, "Generator") if scope.function else []
        for generator in unique(["torch.Generator()", *scope.named("generator"), *made]):
            yield f"{generator}.manual_seed", 1, "whose seed is set here?"
    if node.attr == "inf":
        yield f"-{before}inf", 1, "look at the sign in it"
    if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
        for other in scope.attributes:
            if other != node.attr:
                yield before + other, 2, f"look at {before}{node.attr}"
        if isinstance(parent, ast.Call) and node is not parent.func:
            for other in scope.own:
                yield other, 3, f"look at {before}{node.attr}"
    elif isinstance(node.value, ast.Name):
        for other in scope.members.get(node.value.id, []):
            if other != node.attr:
                yield before + other, 2, f"look at {before}{node.attr}"
