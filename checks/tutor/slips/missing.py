"""Statements that are missing: what is often forgotten is inserted at every place of a function."""

import ast
import re
from collections.abc import Iterator

from tutor.running.source import returns_nothing
from tutor.slips.edit import Edit, Editor
from tutor.slips.queries import (
    BUFFER,
    DICT,
    LIST,
    class_values,
    counted,
    does,
    grows,
    made_as,
    made_by,
    members,
    stuck_flags,
)
from tutor.slips.refusals import refusals
from tutor.slips.scope import Scope, divisors, unique, unused_attributes
from tutor.slips.tables import SPECIAL_TOKENS
from tutor.slips.training import training
from tutor.slips.unset import first_values
from tutor.slips.walk import blocks

NEWS = re.compile("next|new|sample|token|choice|drawn|fresh|pick")
STEPS = (".transpose(1, 2)", ".permute(0, 2, 1, 3)", ".triu(1)", ".tril()", "[0]", "[:, -1]")
STEPS += (".unsqueeze(0)",)


def insertions(function: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Insert what may be missing, at every place of a function."""
    yield from refusals(function, scope, editor)
    yield from first_values(function, scope, editor)
    yield from repeated_tokens(function, editor)
    for line, indent in places_in(function):
        for code, cost in missing_codes(scope.at(line + 1)):
            yield editor.insert_after(line, indent, code, cost, "something is missing here")


def places_in(function: ast.FunctionDef) -> list[tuple[int, int]]:
    """List the lines of a function behind which a statement can be added, each with its indent."""
    places = []
    for node in ast.walk(function):
        for body in blocks(node):
            places.append((body[0].lineno - 1, body[0].col_offset))
            places += [(s.end_lineno, s.col_offset) for s in body]
    return unique(places)


def missing_codes(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield the statements that are often forgotten, in a function's own words, with their cost."""
    if scope.function.name in ("__init__", "__post_init__"):
        yield from beginnings(scope)
    if scope.owner is not None:
        yield from attributes(scope)
    yield from growth(scope)
    yield from ends(scope)
    yield from updates(scope)
    yield from training(scope)
    yield from tensors(scope)


def beginnings(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield what an object needs when it is made."""
    made = members(scope.owner)
    yield "super().__init__()", 3
    given = unique(scope.own + [f"self.{name}" for name in made])
    yield from ((f"super().__init__({name})", 5) for name in given if name != "self")
    if "vocab_size" not in made:
        yield "self.vocab_size = len(self.vocab)", 3
    for name in class_values(scope.owner):
        yield from ((f"self.{name} = {kind}", 4) for kind in ("[]", "{}"))
    for row in made_as(scope.owner, LIST):
        yield from ((f"{row} += self.{name}", 4) for name in scope.attributes)


def attributes(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield what an object keeps. Likely are those values that it looks at, but nobody makes."""
    yield from ((f"self.{name} = {name}", 4) for name in scope.own)
    made = members(scope.owner)
    for name in (name for name in scope.attributes if name not in made):
        yield from ((f"self.{name} = {other}", 2) for other in scope.own)
    yield from ((f"{name} = {not value}", 2) for name, value in stuck_flags(scope.owner))


def growth(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield steps of what counts and of what grows."""
    numbers = counted(scope.function) + [n for n in counted(scope.owner) if n.startswith("self.")]
    yield from ((f"{name} += 1", 1) for name in [*scope.stuck, *never_moved(scope)])
    yield from ((f"{name} += 1", 3) for name in unique(scope.counters + numbers))
    yield from ((f"{name} = {not value}", 1) for name, value in stuck_flags(scope.function))
    lists = made_as(scope.owner, LIST)
    grown = [f"self.{a}" for a in scope.attributes if f"self.{a}" in lists]
    for name in unique([*scope.collections, *grown]):
        cost = 3 if grows(name, scope.function) or name in grown else 2
        yield from ((f"{name}.append({other})", cost) for other in scope.own if other != name)
        yield f"{name}.append(1)", cost
        for helper in scope.idle:
            yield from ((f"{name}.append({helper}({other}))", 2) for other in scope.unused)
        for target in scope.loop_targets:
            yield f"{name}.append({target})", cost
            yield f"{name}.add({target})", cost
            yield f"{name}[{target}] = len({name})", cost
            yield from ((f"{name}.append({table}[{target}])", 3) for table in scope.tables)
    dicts = unique([name for name in made_as(scope.owner, DICT) if "." in name and "[" not in name])
    for name in dicts:
        for key in scope.own:
            yield from (
                (f"{name}[{key}] = len({row})", 3) for row in unique([name, "self", *grown])
            )


def ends(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield what gives back a result, or leaves a loop."""
    for name in scope.own:
        yield f"return {name}", 1 if returns_nothing(scope.function) else 4
        yield from ((f"return self.{layer}({name})", 3) for layer in unused_attributes(scope))
    yield from ((f"return {value}", 5) for value in ("-1", "0", "1", "None"))
    yield "break", 4
    for method in scope.idle_methods:
        yield from ((f"{name}.{method}()", 3) for name in scope.own)


def updates(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield new values for what a loop looks at but never sets, and ends of texts cut off."""
    for statement in set_before(scope):
        yield ast.unparse(statement), 2
        target, value = ast.unparse(statement.targets[0]), ast.unparse(statement.value)
        for part in parts_of(statement.value):
            yield from ((f"{target} = {value.replace(part, name)}", 3) for name in scope.own)
    for name in scope.stale:
        for other in scope.own:
            if other != name:
                yield f"{name} = {other}", 3
                yield f"{name} = {other}[0].tolist()", 4
                yield f"{name} = {name} + {other}", 4
    for name in scope.own:
        yield f"{name} = {name}[:-1]", 5
        for buffer in made_by(scope.function, BUFFER):
            yield f"{buffer}[:, : {name}.shape[1]] = {name}", 3


def set_before(scope: Scope) -> list[ast.Assign]:
    """List the statements that set what a loop looks at, once and for all: is it to be set anew?"""
    nodes = [node for node in ast.walk(scope.function) if isinstance(node, ast.Assign)]
    return [node for node in nodes if ast.unparse(node.targets[0]) in scope.stale]


def parts_of(value: ast.expr) -> list[str]:
    """List the variables in a value, alone and with brackets, such as pieces, pieces[0]."""
    looks = [node for node in ast.walk(value) if isinstance(node, ast.Name | ast.Subscript)]
    return unique([ast.unparse(node) for node in looks])


def never_moved(scope: Scope) -> list[str]:
    """List the variables that start at a number and stay there, in a function that has a loop."""
    nodes = list(ast.walk(scope.function))
    if not any(isinstance(node, ast.For | ast.While) for node in nodes):
        return []
    stored = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [name for name in counted(scope.function) if stored.count(name) == 1]


def repeated_tokens(function: ast.FunctionDef, editor: Editor) -> Iterator[Edit]:
    """Repeat a line that deals with one special token for another one that the function lacks."""
    text = ast.unparse(function)
    lacking = [token for token in SPECIAL_TOKENS if token not in text]
    for node in ast.walk(function):
        if isinstance(node, ast.Expr | ast.Assign) and lacking:
            for token in (t for t in SPECIAL_TOKENS if t in editor.code(node)):
                for other in lacking:
                    one, two = token.strip("<>"), other.strip("<>")
                    code = editor.code(node).replace(one, two).replace(one.upper(), two.upper())
                    line, hint = node.end_lineno, "something is missing here"
                    yield editor.insert_after(line, node.col_offset, code, 2, hint)


def tensors(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield the steps of a model that are often forgotten: scale, mask, crop, layers, growth."""
    first = next(iter(scope.given), None)
    variables = [name for name in scope.own if name.isidentifier()]
    for name in variables:
        yield from ((f"{name} = {name}{method}", 4) for method in STEPS)
        for other in unique([*scope.unused, *scope.copies]):
            if other != name:
                yield f"{name} = {name} + {other}", 3
                yield f"{name} = {name} / {other}", 3
                yield f"{name} = {other}.gather(-1, {name})", 3
                yield f"{name} = {other}[{name}]", 3
                yield f'{name} = {name}.masked_fill({other}, float("-inf"))', 3
        for counter in scope.counters:
            yield f"{name}[{counter}] = {counter}", 4
        for divisor in divisors(scope):
            yield f"{name} = {name} / {divisor}", 3
        if does(scope.function, r"softmax|@|matmul|einsum|bmm|exp"):
            if first and first != name:
                yield f"{name} = {name} / {first}.shape[-1] ** 0.5", 3
            sizes = f"{name}.shape[-1], {name}.shape[-1]"
            mask = f"torch.ones({sizes}).triu(1).bool()"
            yield f'{name} = {name}.masked_fill({mask}, float("-inf"))', 3
        if name in scope.parameters:
            yield f"{name} = {name}.clone()", 4
            yield f"{name} = list({name})", 4
        for other in [n for n in variables if n != name and NEWS.search(n)]:
            yield f"{name} = torch.cat([{name}, {other}], dim=1)", 3
            yield f"{name} = torch.cat([{name}, {other}[None]], dim=1)", 4
        for attribute in unused_attributes(scope):
            yield f"{name} = self.{attribute}({name})", 3
            for other in scope.unused:
                yield f"{name} = {name} + self.{attribute}({other})", 2
