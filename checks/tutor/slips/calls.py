"""Slips in a call: its arguments and its keywords."""

import ast
from collections.abc import Iterator

from tutor.slips import contracts
from tutor.slips.edit import Editor
from tutor.slips.kinds import Place
from tutor.slips.leaves import Change, respelled
from tutor.slips.scope import Scope, unique, unused_attributes
from tutor.slips.words import KEYWORDS


def call(place: Place, editor: Editor) -> Iterator[Change]:
    """Change a call: its arguments in another order, one more, one less, or another keyword."""
    node = place.node
    codes = [editor.code(argument) for argument in node.args]
    keywords = [editor.code(keyword) for keyword in node.keywords]
    every = codes + keywords
    for one in range(len(codes) - 1):
        order = [*codes[:one], codes[one + 1], codes[one], *codes[one + 2 :], *keywords]
        yield "two arguments exchanged", editor.with_arguments(node, order)
    for one in range(len(every)):
        fewer = every[:one] + every[one + 1 :]
        yield "an argument too many", editor.with_arguments(node, fewer)
    for name, more in [*other_keywords(place, editor), *handed_on(every, codes, place.scope)]:
        yield name, editor.with_arguments(node, more)
    if codes and isinstance(node.args[-1], ast.Name):
        by_name = [*codes[:-1], f"{codes[-1]}={codes[-1]}", *keywords]
        yield "an argument without its name", editor.with_arguments(node, by_name)
    if len(every) == 1 and codes and not isinstance(node.args[0], ast.Starred):
        yield "stars before an argument", editor.with_arguments(node, ["**" + codes[0]])
    for one, argument in enumerate(node.args):
        if isinstance(argument, ast.Starred):
            plain = [*every[:one], codes[one].lstrip("*"), *every[one + 1 :]]
            yield "stars too many", editor.with_arguments(node, plain)


def bound(place: Place, editor: Editor) -> Iterator[Change]:
    """Let a function keep what a loop's names stand for now: later they stand for the last one."""
    node = place.node
    names = unique([n.id for n in ast.walk(node.body) if isinstance(n, ast.Name)])
    later = [f"{name}={name}" for name in names if name in place.scope.loop_targets]
    if later:
        given = [ast.unparse(node.args)] if ast.unparse(node.args) else []
        yield "bound too late", f"lambda {', '.join([*given, *later])}: {editor.code(node.body)}"


def other_keywords(place: Place, editor: Editor) -> Iterator[tuple[str, list[str]]]:
    """Yield the arguments of a call with a keyword spelled right, or with one that it lacks."""
    node = place.node
    codes = [editor.code(argument) for argument in node.args]
    keywords = [editor.code(keyword) for keyword in node.keywords]
    for one, keyword in enumerate(node.keywords):
        for word in respelled(keyword.arg or "", place.scope):
            new = f"{word}={editor.code(keyword.value)}"
            yield "a keyword is misspelt", [*codes, *keywords[:one], new, *keywords[one + 1 :]]
    short = getattr(node.func, "attr", getattr(node.func, "id", ""))
    short = place.scope.aliases.get(short, short)
    for keyword in keywords_of(short, place.scope):
        names = [part.split("=")[0].strip() for part in keyword.split(",")]
        kept = [code for code, k in zip(keywords, node.keywords) if k.arg not in names]
        yield "a keyword is missing", [*codes, *kept, keyword]


def keywords_of(short: str, scope: Scope) -> Iterator[str]:
    """Yield the keywords that a call often lacks, with the names of this function."""
    for keyword in KEYWORDS.get(short, []):
        word, _, value = keyword.partition("=")
        names = scope.standing_for(value) if value in contracts.arguments() else []
        names += [f"self.{value}"] if value in scope.attributes else []
        yield from (f"{word}={name}" for name in names or [value])


def handed_on(every: list[str], codes: list[str], scope: Scope) -> Iterator[tuple[str, list[str]]]:
    """Yield the arguments of a call with what is not handed on yet."""
    given = [name for role in contracts.optional() for name in scope.standing_for(role)]
    for extra in unique([*given, *scope.unused]):
        if extra not in " ".join(every):
            yield "a keyword that nobody handed on", [*every, f"{extra}={extra}"]
            yield "an argument that nobody handed on", put_in(extra, len(codes), every)
    for name in unused_attributes(scope):
        yield "a keyword that nobody handed on", [*every, f"{name}=self.{name}"]
        for one in range(len(codes) + 1):
            yield "an argument that nobody handed on", put_in(f"self.{name}", one, every)


def put_in(code: str, place: int, codes: list[str]) -> list[str]:
    """Return some codes with one more at a place."""
    return [*codes[:place], code, *codes[place:]]
