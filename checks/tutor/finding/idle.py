"""What a change leaves behind unused: such a change goes around the mistake."""

import ast
import math
from collections import Counter, defaultdict
from collections.abc import Iterator

from tutor.finding.time_limit import FUNCTIONS, LOOPS
from tutor.slips.contracts import public

MEMBER = ast.In | ast.NotIn
MADE = ast.Assign | ast.AnnAssign


def left_idle(before: str, after: str) -> set[str]:
    """List what a file used before a change, and only makes behind it.

    Imports are not among them: right code too may import more than it needs. Nor is what others
    look at. But what a file looks for in a collection that stays empty is there for nothing, be it
    so before or not.
    """
    old, new = ast.parse(before), ast.parse(after)
    left = (made_in(new) & used_in(old)) - used_in(new) - public()
    return left | always_empty(new)


def made_in(tree: ast.Module) -> set[str]:
    """List what a file makes: functions, classes, attributes, and values of variables."""
    made = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and not is_look(n)}
    for node in ast.walk(tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            made.add(node.name)
        if isinstance(node, FUNCTIONS):
            made |= {f"{node.name}.{name}" for name, _ in variables_of(node)}
    return made


def used_in(tree: ast.Module) -> set[str]:
    """List what a file looks at, by the same names."""
    used = set()
    for node in ast.walk(Reachable().visit(tree)):
        if isinstance(node, ast.Name | ast.Attribute) and is_look(node):
            used.add(node.id if isinstance(node, ast.Name) else node.attr)
        if isinstance(node, FUNCTIONS):
            used |= {f"{node.name}.{name}" for name, is_read in variables_of(node) if is_read}
    return used


def is_look(node: ast.Name | ast.Attribute) -> bool:
    """Tell whether a name is looked at, not set."""
    return isinstance(node.ctx, ast.Load)


def always_empty(tree: ast.Module) -> set[str]:
    """List the variables in which something is looked for, though nothing is ever put there."""
    found = set()
    for function in (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)):
        nodes = list(ast.walk(function))
        tests = [n for n in nodes if isinstance(n, ast.Compare) and isinstance(n.ops[-1], MEMBER)]
        asked = Counter(n.comparators[-1].id for n in tests if is_variable(n.comparators[-1]))
        named = Counter(node.id for node in nodes if isinstance(node, ast.Name))
        made = [n for n in nodes if isinstance(n, MADE) and n.value and is_empty(n.value)]
        targets = [getattr(node, "targets", None) or [node.target] for node in made]
        once = {one.id for row in targets for one in row if is_variable(one)}
        found |= {name for name in once & set(asked) if named[name] == asked[name] + 1}
    return found


def is_variable(node: ast.expr) -> bool:
    """Tell whether a node is a name."""
    return isinstance(node, ast.Name)


def is_empty(value: ast.expr) -> bool:
    """Tell whether a value is an empty collection."""
    return ast.unparse(value) in ("[]", "{}", "set()", "list()", "dict()")


class Reachable(ast.NodeTransformer):
    """Takes away the statements behind a return, raise, break or continue."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Cut each row of statements behind the first one that leaves it."""
        super().generic_visit(node)
        for field in ("body", "orelse", "finalbody"):
            row = getattr(node, field, None)
            for number, statement in enumerate(row if isinstance(row, list) else []):
                if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
                    del row[number + 1 :]
                    break
        return node


def variables_of(function: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield each value that a function gives a variable, as "name.number", and if it is looked at.

    That is so if the name is looked at before it gets its next value. A value made in a loop may
    be looked at in the next round too: of those, any look from the loop's first line on will do.
    """
    made, looks = defaultdict(list), defaultdict(list)
    for statement, loop in statements_of(function, None):
        for node in own_names(statement):
            if isinstance(node.ctx, ast.Load):
                looks[node.id].append(node.lineno)
            else:
                made[node.id].append((statement.end_lineno, loop))
    for name, values in made.items():
        ends = [end for end, _ in values[1:]] + [math.inf]
        for number, ((end, loop), next_end) in enumerate(zip(values, ends)):
            first, last = (loop.lineno, math.inf) if loop else (end + 1, next_end)
            yield f"{name}.{number}", any(first <= line <= last for line in looks[name])


def statements_of(
    node: ast.AST, loop: ast.stmt | None
) -> Iterator[tuple[ast.stmt, ast.stmt | None]]:
    """Yield each statement inside a node, with the outermost loop that it stands in, or is."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            inside = loop or (child if isinstance(child, LOOPS) else None)
            yield child, inside
            yield from statements_of(child, inside)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from statements_of(child, loop)


def own_names(statement: ast.AST) -> Iterator[ast.Name]:
    """Yield the names in a statement, but not those in the statements inside of it."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.Name):
            yield child
        if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from own_names(child)
