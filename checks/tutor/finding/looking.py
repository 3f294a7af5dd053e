"""Looks at the values in a file while the fact that failed runs: which changes would matter?

A change that gives the same value as before wherever it is looked at, or stands where nothing ran,
cannot mend anything. For what can be changed later, such as a list, a copy is another value. And
some changes are found only by their values: see growth.py.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from tutor.finding.growth import SLIP, Growth
from tutor.finding.pure import VALUE, pure_code
from tutor.finding.time_limit import limited
from tutor.finding.trace import Runs
from tutor.finding.tryout import Tryout
from tutor.finding.values import is_same, is_touchy, mark_of, outcome
from tutor.running.source import Source
from tutor.slips.edit import Edit, Editor
from tutor.slips.engine import held_together, put
from tutor.slips.likely import bonus
from tutor.slips.scope import Function, Scope, unique
from tutor.slips.walk import walk_with_scope

LOOK = "_look_at_a_value_"
Getters = tuple[Callable[[], object], ...]


class Spot:
    """One expression of the file, and what could stand in its place.

    Args:
        node: the expression.
        parent: what is around it.
        scope: what is known there.
        edits: the changes of it.
        own: the names of the functions in the file.
    """

    def __init__(
        self, node: ast.expr, parent: ast.AST, scope: Scope, edits: list[Edit], own: set[str]
    ):
        self.node = node
        self.parent = parent
        self.scope = scope
        self.growth = Growth(names_beside(node, scope))
        pairs = [(edit, pure_code(edit, node, own)) for edit in edits]
        self.codes = {edit: code for edit, code in pairs if code is not None}
        """Of the changes whose value can be looked at: what they put there."""
        self.edits = edits
        self.useful: set[Edit] = set()
        """Those that gave another value."""
        self.times = 0

    def look(self, value: object, beside: Getters, instead: Getters) -> None:
        """See what a value could be: the first one, the second, the fourth, and so on.

        Args:
            value: what the expression gave.
            beside: return the values of the names.
            instead: return, given the value, what the changes would give.
        """
        self.times += 1
        if not is_power_of_two(self.times):
            return
        known = [outcome(get) for get in beside]
        if any(map(is_touchy, [value, *known])):
            self.useful |= set(self.codes)
        elif outcome(lambda: self.compare(value, known, instead)):
            self.useful |= set(self.codes)  # an odd value: nothing is known of it

    def compare(self, value: object, beside: list[object], instead: Getters) -> None:
        """See which changes give another value, and what grows from it."""
        for edit, get in zip(self.codes, instead):
            if edit not in self.useful and not is_same(outcome(lambda: get(value)), value):
                self.useful.add(edit)
        if (mark := mark_of(value)) is not None:
            self.growth.look(value, mark, beside)

    def useless(self) -> Iterator[Edit]:
        """Yield the changes that made no difference."""
        unseen = self.times == 0
        yield from (e for e in self.edits if unseen or e in self.codes and e not in self.useful)

    def grown(self, editor: Editor) -> Iterator[Edit]:
        """Yield the changes that were found by the values."""
        codes = {"A": editor.part(self.node)}
        for form, name in self.growth.differing():
            held = held_together(form, {"A": self.node}, codes)
            code = put(form, held | {"B": name})
            edit = editor.replace(self.node, code, SLIP, self.parent)
            yield replace(edit, cost=edit.cost - bonus(edit, self.scope, editor.text))


class Looking:
    """Looks at the values of one file.

    Args:
        source: the learner's file.
        runs: the lines that may be at fault, and those in which an error came up.
        edits: the changes that are known.
    """

    def __init__(self, source: Source, runs: Runs, edits: Iterable[Edit]):
        self.source = source
        self.raising = runs.raising
        self.editor = Editor(source)
        by_span = defaultdict(list)
        for edit in edits:
            by_span[edit.start, edit.end].append(edit)
        nodes = list(ast.walk(source.tree))
        own = {node.name for node in nodes if isinstance(node, Function)}
        patterns = {id(n) for one in nodes if isinstance(one, ast.pattern) for n in ast.walk(one)}
        self.spots = [
            Spot(node, parent, scope, by_span.pop(self.editor.span(node), []), own)
            for node, parent, scope in walk_with_scope(source.tree)
            if is_value(node, parent, scope)
            and node.lineno in runs.active
            and id(node) not in patterns
        ]
        self.is_looking = False
        self.has_seen = False
        """The fact ran to its end meanwhile."""

    def watch(self, tryout: Tryout) -> None:
        """Run the fact that failed, with a call of LOOK around each spot of the file."""
        tree = ast.fix_missing_locations(Wrapping(self.spots).visit(ast.parse(self.source.text)))
        self.has_seen = tryout.rerun(replace(self.source, tree=limited(tree)), {LOOK: self.look})

    def look(self, number: int, value: object, beside: Getters, instead: Getters) -> object:
        """Look at a value, and hand it on. What is looked at while looking does not count."""
        if not self.is_looking:
            self.is_looking = True
            try:
                self.spots[number].look(value, beside, instead)
            finally:
                self.is_looking = False
        return value

    def useless(self) -> set[Edit]:
        """Return the changes that made no difference. Where an error came up, all may matter."""
        calm = [spot for spot in self.spots if not self.raising & lines_of(spot.node)]
        return {edit for spot in calm for edit in spot.useless() if self.has_seen}

    def grown(self) -> list[Edit]:
        """List the changes that were found by the values."""
        spots = self.spots if self.has_seen else []
        return [edit for spot in spots for edit in spot.grown(self.editor)]


class Wrapping(ast.NodeTransformer):
    """Puts a call of LOOK around the spots of a file."""

    def __init__(self, spots: list[Spot]):
        self.spots = spots
        self.numbers = {place_of(spot.node): number for number, spot in enumerate(spots)}

    def visit(self, node: ast.AST) -> ast.AST:
        """Wrap a node, if it is a spot. What a match looks for stays as it is."""
        if isinstance(node, ast.pattern):
            return node
        number = self.numbers.get(place_of(node)) if isinstance(node, ast.expr) else None
        inner = self.generic_visit(node)
        if number is None:
            return inner
        spot = self.spots[number]
        beside = [f"lambda: {name}" for name in spot.growth.names]
        getters = [ast.parse(code, mode="eval").body for code in beside]
        given = ast.arguments([], [ast.arg(VALUE)], None, [], [], None, [])
        instead = [ast.Lambda(given, code) for code in spot.codes.values()]
        rows = [ast.Tuple(row, ast.Load()) for row in (getters, instead)]
        call = ast.Call(ast.Name(LOOK, ast.Load()), [ast.Constant(number), inner, *rows], [])
        return ast.copy_location(call, node)


def place_of(node: ast.AST) -> tuple:
    """Return where a node stands, and what it is."""
    return type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def lines_of(node: ast.expr) -> set[int]:
    """Return the lines on which an expression stands."""
    return set(range(node.lineno, node.end_lineno + 1))


def names_beside(node: ast.expr, scope: Scope) -> list[str]:
    """List what is known at an expression, without itself."""
    names = unique([*scope.own, *scope.object, *scope.constants])
    return [name for name in names if name != ast.unparse(node)]


def is_value(node: ast.AST, parent: ast.AST, scope: Scope) -> bool:
    """Tell whether a node is an expression whose value something is made of."""
    if not isinstance(node, ast.expr) or scope.function is None or scope.is_imported(node):
        return False
    if isinstance(node, ast.Slice | ast.Starred | ast.Lambda | ast.JoinedStr | ast.Tuple):
        return False
    is_kept = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
    return (
        not is_kept
        and not isinstance(parent, ast.Expr)
        and node is not getattr(parent, "func", None)
    )


def is_power_of_two(number: int) -> bool:
    """Tell whether a number is 1, 2, 4, 8 and so on."""
    return number & (number - 1) == 0
