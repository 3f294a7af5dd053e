"""Finds the function that gives None because it has no return with a value."""

import ast

from tutor.running.problem import Place, Problem
from tutor.running.source import Source, returns_nothing


def missing_return(problem: Problem, source: Source) -> Place | None:
    """Return the end of the function that gave None because it has no return with a value."""
    functions = source.functions()
    if problem.got == "None":
        name = problem.place.function if problem.place else ""
        guilty = [f for full, f in functions.items() if full == name and returns_nothing(f)]
    elif "NoneType" in problem.got:
        used = names_called_for_a_value(source.tree) | {"forward"}
        guilty = [f for f in functions.values() if f.name in used and returns_nothing(f)]
    else:
        return None
    if len(guilty) != 1:
        return None
    place = source.place(guilty[0].end_lineno)
    place.after = True
    return place


def names_called_for_a_value(tree: ast.Module) -> set[str]:
    """List the functions whose results are used somewhere."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and id(n) not in alone]
    return {getattr(call.func, "id", getattr(call.func, "attr", "")) for call in calls}
