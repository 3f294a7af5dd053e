"""What is done to the result of a function can as well be done where the function makes it.

Both changes mend the same, so both lines are shown, and not only the one that uses the result.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator

from tutor.slips.edit import LOOSE, Edit, Editor
from tutor.slips.scope import Function, Scope


def results_made_once(tree: ast.Module) -> dict[str, ast.expr]:
    """Return what functions give back, by their names: those that are called at one place only."""
    nodes = list(ast.walk(tree))
    calls = Counter(name_of(node) for node in nodes if isinstance(node, ast.Call))
    given = defaultdict(list)
    for function in (node for node in nodes if isinstance(node, Function)):
        given[function.name] += [n.value for n in ast.walk(function) if isinstance(n, ast.Return)]
    alone = {name: values[0] for name, values in given.items() if len(values) == 1}
    return {name: value for name, value in alone.items() if value and calls[name] == 1}


def name_of(call: ast.Call) -> str:
    """Return the name of a function of the file, such as "helper" for `self.helper(x)`."""
    owner = getattr(getattr(call.func, "value", None), "id", "")
    return call.func.attr if owner in ("self", "cls") else getattr(call.func, "id", "")


def where_it_is_made(
    node: ast.expr, code: str, slip: str, scope: Scope, editor: Editor
) -> Iterator[Edit]:
    """Yield the twin of a change that does something more to the result of a function."""
    made = scope.results.get(name_of(node)) if isinstance(node, ast.Call) else None
    old = editor.code(node)
    if made and old in code:
        new = f"({editor.code(made)})" if isinstance(made, LOOSE) else editor.code(made)
        yield editor.replace(made, code.replace(old, new), slip, None)
