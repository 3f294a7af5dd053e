"""Questions to the syntax tree of a function or class: what it counts, keeps, fills and calls."""

import ast
import functools
import re

from tutor.slips.scope import Function, unique

OPTIMIZER = r"optim|Adam|SGD"
BUFFER = r"(^|\.)(zeros|empty|full|ones|new_zeros|new_empty)$"
LIST = r"List\(|^\[|^list\("
DICT = r"[dD]ict\(|^\{"


@functools.cache
def receivers(function: Function, method: str) -> list[str]:
    """List the things whose method is called in the function, such as optimizer of step."""
    return unique(
        [
            ast.unparse(node.func.value)
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if node.func.attr == method
        ]
    )


@functools.cache
def does(function: Function, pattern: str) -> bool:
    """Tell whether the text of a function speaks of something, a regular expression."""
    return re.search(pattern, ast.unparse(function)) is not None


@functools.cache
def made_by(function: Function, makers: str) -> list[str]:
    """List the variables that are made by a call of certain functions, a regular expression."""
    return [
        ast.unparse(node.targets[0])
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if re.search(makers, ast.unparse(node.value.func))
    ]


@functools.cache
def models(function: Function) -> list[str]:
    """List what may be a model: by its methods, by its name, or since it is called like one."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    called = [node.id for node in calls if isinstance(node, ast.Name)]
    methods = [name for m in ("parameters", "train", "eval") for name in receivers(function, m)]
    return unique([*methods, *called, "model", "net", "network"])


@functools.cache
def kept_modes(tree: ast.AST) -> list[str]:
    """List where a function or class keeps the modes as they were, to restore them later."""
    assigns = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    kept = [a for a in assigns if re.search(r"\.training|is_grad_enabled", ast.unparse(a.value))]
    return unique([ast.unparse(assign.targets[0]) for assign in kept])


@functools.cache
def grows(name: str, function: ast.FunctionDef) -> bool:
    """Tell whether a function adds anything to a collection."""
    text = ast.unparse(function)
    return re.search(rf"{re.escape(name)}(\.\w+\(|\[[^\]]+\] = | \+= )", text) is not None


@functools.cache
def stuck_flags(tree: ast.AST | None) -> list[tuple[str, bool]]:
    """List what is set to True or to False in a function or class, but never to the other one."""
    values: dict[str, set[bool]] = {}
    shared = tree.body if isinstance(tree, ast.ClassDef) else []
    for node in ast.walk(tree or ast.Module([], [])):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Attribute):
            if isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
                name = ("self." if node in shared else "") + ast.unparse(node.targets[0])
                values.setdefault(name, set()).add(node.value.value)
    return [(name, *found) for name, found in values.items() if len(found) == 1]


@functools.cache
def made_as(owner: ast.ClassDef | None, kind: str) -> list[str]:
    """List what a class makes as a list or dict of any kind, a regular expression."""
    return [
        ast.unparse(target)
        for node in ast.walk(owner or ast.Module([], []))
        if isinstance(node, ast.Assign) and re.search(kind, ast.unparse(node.value))
        for target in node.targets
    ]


@functools.cache
def counted(tree: ast.AST | None) -> list[str]:
    """List the variables that are set to a whole number somewhere, or to a constant of the file."""
    found = []
    for node in ast.walk(tree or ast.Module([], [])):
        value = node.value if isinstance(node, ast.Assign) else None
        is_number = isinstance(value, ast.Constant) and type(value.value) is int
        if is_number or isinstance(value, ast.Name) and value.id.isupper():
            found += [ast.unparse(target) for target in node.targets]
    return found


@functools.cache
def class_values(owner: ast.ClassDef | None) -> list[str]:
    """List the values that a class shares among its objects."""
    body = owner.body if owner else []
    return [
        target.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]


@functools.cache
def members(owner: ast.ClassDef | None) -> list[str]:
    """List all names that a class defines: attributes, methods, fields."""
    body = owner.body if owner else []
    stored = [
        node.attr
        for node in ast.walk(owner or ast.Module([], []))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    return stored + [getattr(node, "name", "") for node in body] + class_values(owner)
