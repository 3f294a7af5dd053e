"""What a function of the learner's knows: its arguments, variables, class and file."""

import ast
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Scope:
    """The names that can stand in a function, each list in the order of the text.

    Args:
        function: the function. None means the top of the file.
        owner: the class around it, if it is a method.
    """

    function: Function | None
    owner: ast.ClassDef | None
    parameters: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    counters: list[str] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    loop_targets: list[str] = field(default_factory=list)
    members: dict[str, list[str]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    functions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def unused(self) -> list[str]:
        """The variables that are made but never looked at, and the arguments likewise."""
        loaded = {
            node.id
            for node in ast.walk(self.function or ast.Module([], []))
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        return [name for name in self.own if name not in loaded and name != "_"]

    @property
    def own(self) -> list[str]:
        """The arguments and variables, without self."""
        names = [name for name in self.parameters if name not in ("self", "cls")]
        return unique(names + self.variables)


def unique(names: list) -> list:
    """Return each name once, in order."""
    return list(dict.fromkeys(names))


def scope_of(function: Function | None, owner: ast.ClassDef | None, tree: ast.Module) -> Scope:
    """Collect the names that a function can use."""
    scope = Scope(function, owner)
    scope.keys = keys_of(tree)
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef):
            scope.globals.append(node.name)
        if isinstance(node, Function):
            scope.functions[node.name] = [argument.arg for argument in node.args.args]
        elif isinstance(node, ast.Assign):
            scope.globals += [t.id for t in node.targets if isinstance(t, ast.Name)]
        if isinstance(node, ast.ClassDef):
            stores = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
            scope.members[node.name] = unique(
                [n.id for n in stores if isinstance(n.ctx, ast.Store) and n.id.isidentifier()]
            )
    if owner is not None:
        scope.attributes = unique(
            [
                node.attr
                for node in ast.walk(owner)
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                if node.value.id in ("self", "cls")
            ]
        )
    body = function if function is not None else tree
    if function is not None:
        every = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
        scope.parameters = [argument.arg for argument in every]
    for node in ast.walk(body):
        collect(node, scope)
    for name in ("variables", "counters", "collections", "loop_targets"):
        setattr(scope, name, unique(getattr(scope, name)))
    return scope


def keys_of(tree: ast.Module) -> list[str]:
    """List the texts that serve as keys of dicts in a file, such as "config"."""
    keys = []
    for node in ast.walk(tree):
        found = node.keys if isinstance(node, ast.Dict) else []
        found = [node.slice] if isinstance(node, ast.Subscript) else found
        keys += [k.value for k in found if isinstance(k, ast.Constant) and isinstance(k.value, str)]
    return unique(keys)


def collect(node: ast.AST, scope: Scope) -> None:
    """Note what a node tells about the names of its function."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        scope.variables.append(node.id)
    if isinstance(node, ast.While):
        scope.counters += [n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)]
    if isinstance(node, ast.For | ast.comprehension):
        targets = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
        scope.loop_targets += targets
    if isinstance(node, ast.Assign | ast.AnnAssign) and is_collection(node.value):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        scope.collections += [ast.unparse(target) for target in targets]


def is_collection(value: ast.expr | None) -> bool:
    """Tell whether a value is a list, set or dict that can still grow."""
    makers = {"list", "set", "dict", "deque", "tolist", "split", "copy", "encode"}
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name | ast.Attribute):
        return getattr(value.func, "id", getattr(value.func, "attr", "")) in makers
    return isinstance(value, ast.List | ast.Set | ast.Dict | ast.ListComp)


def walk_with_scope(tree: ast.Module):
    """Yield (node, parent, scope) for every node, each with the scope of the innermost function.

    Annotations, docstrings, f-strings and what only a program would run are left out.
    """
    top = scope_of(None, None, tree)

    def visit(node, parent, scope, owner):
        if isinstance(node, ast.JoinedStr) or is_docstring(node, parent) or is_program(node):
            return
        yield node, parent, scope
        inner = owner
        if isinstance(node, ast.ClassDef):
            inner = node
        if isinstance(node, Function):
            scope = scope_of(node, owner, tree)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from visit(child, node, scope, inner)

    yield from visit(tree, None, top, None)


def unused_attributes(scope: Scope) -> list[str]:
    """List the attributes that a class makes but does not use, such as a forgotten last layer."""
    used = [
        node.attr
        for node in ast.walk(scope.owner or ast.Module([], []))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    ]
    return [name for name in scope.attributes if name not in used]


def is_program(node: ast.AST) -> bool:
    """Tell whether a node is `if __name__ == "__main__":`, which an import does not run."""
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)


def is_docstring(node: ast.AST, parent: ast.AST | None) -> bool:
    """Tell whether a node is a text that stands alone as a statement."""
    return isinstance(node, ast.Constant) and isinstance(parent, ast.Expr)
