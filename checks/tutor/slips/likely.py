"""What makes a change likelier: it uses what is made but not used, where name or order asks for it.

`v = self.key(x)` looks odd beside a `self.value` that nobody uses. And layers are most often used
in the order in which they are made.
"""

import ast
import functools
import re

from tutor.slips.edit import Edit
from tutor.slips.scope import WORDS, Scope

USES, SUITS = 2, 4
"""So many bits likelier is what uses a name that waits for it, and what uses it where it suits."""


def bonus(edit: Edit, scope: Scope, text: str) -> int:
    """Return by how many bits an edit is likelier than others of its slip.

    Args:
        edit: the edit.
        scope: what is known at its place.
        text: the file.
    """
    if not scope.waiting:
        return 0
    before = set(WORDS.findall(text[edit.start : edit.end]))
    used = (set(WORDS.findall(edit.text)) - before) & scope.waiting
    if not used:
        return 0
    line = edit.apply(text).split("\n")[edit.line - 1 + edit.inserts]
    suits = any(is_asked_for(name, line) or in_order(name, edit, scope) for name in used)
    return SUITS if suits else USES


def is_asked_for(name: str, line: str) -> bool:
    """Tell whether a line speaks of a name: `v = ...` of self.value, manual_seed(...) of seed."""
    if re.search(rf"\w_{re.escape(name)}\({re.escape(name)}\)", line):
        return True
    target = re.match(r"\s*(\w+) *=", line)
    parts = name.lower().removeprefix("self.").split("_")
    return target is not None and any(part.startswith(target[1].lower()) for part in parts)


def in_order(name: str, edit: Edit, scope: Scope) -> bool:
    """Tell whether an attribute is used between those that were made before and after it."""
    attribute = name.removeprefix("self.")
    made = births(scope.owner)
    if attribute not in made or scope.function is None:
        return False
    uses = [(line, made[other]) for line, other in looks(scope.function) if other in made]
    earlier = [line for line, birth in uses if birth < made[attribute]]
    later = [line for line, birth in uses if birth > made[attribute]]
    behind = edit.line + edit.inserts
    return (
        bool(uses) and max(earlier, default=0) <= edit.line and min(later, default=behind) >= behind
    )


@functools.cache
def births(owner: ast.ClassDef | None) -> dict[str, int]:
    """Return the line on which each attribute of a class is first made."""
    made = {}
    for node in ast.walk(owner or ast.Module([], [])):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            made.setdefault(node.attr, node.lineno)
    return made


@functools.cache
def looks(function: ast.AST) -> list[tuple[int, str]]:
    """List the attributes that a function looks at, each with its line."""
    nodes = (node for node in ast.walk(function) if isinstance(node, ast.Attribute))
    return [(node.lineno, node.attr) for node in nodes if isinstance(node.ctx, ast.Load)]
