"""Reads a file, and collects what its functions know: see scope.py for what that is."""

import ast
from collections.abc import Iterator

from tutor.slips import donors
from tutor.slips.queries import class_values, has_refusal, is_collection
from tutor.slips.roles import roles
from tutor.slips.scope import Function, Scope, unique, unused_attributes
from tutor.slips.twins import results_made_once
from tutor.slips.unused import (
    idle,
    is_helper,
    loops,
    names_of_rounds,
    names_of_sizes,
    unused_imports,
    used_attributes,
)

SHARED_BY_ALL = (
    "imports",
    "aliases",
    "modules",
    "globals",
    "keys",
    "calls",
    "endings",
    "used",
    "values",
    "refusing",
    "results",
)
"""What a file knows that each of its functions knows too."""
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def scope_of_file(tree: ast.Module) -> Scope:
    """Collect the names at the top of a file, and what all its functions share."""
    scope = Scope(None, None, keys=keys_of(tree))
    scope.calls, scope.endings = donors.calls_of(tree), donors.endings_of(tree)
    for node in tree.body:
        collect_global(node, scope)
    scope.used = used_attributes(tree, scope)
    collect_own(tree, scope)
    scope.idle = [*idle(tree, tree.body), *unused_imports(tree)]
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    scope.values = {node.name: class_values(node) for node in classes}
    scope.results = results_made_once(tree)
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    scope.refusing = [node.name for node in functions if has_refusal(node)]
    return scope


def scope_of_function(
    function: Function, owner: ast.ClassDef | None, around: Scope, file: Scope, tree: ast.Module
) -> Scope:
    """Collect the names that a function can use.

    Args:
        tree: the file.
        function: the function.
        owner: the class around it, if it is a method.
        around: the scope of the function around it, or else the file's.
        file: the file's scope.
    """
    outer = around.own if around.function else []
    scope = Scope(function, owner, outer)
    for name in SHARED_BY_ALL:
        setattr(scope, name, getattr(file, name))
    if owner is not None:
        every = [name for one in family(owner, tree) for name in what_it_has(one)]
        scope.attributes = unique(every)
        used = {f"self.{name}" for name in scope.used}
        made = [f"self.{node.name}" for node in owner.body if is_helper(node)]
        scope.idle = [name for name in made if name not in used]
    elif takes_self(function):  # a method that is put into its class further down
        scope.attributes = unique(attributes_of(tree))
    scope.forgotten = [name for name in file.unread if name.isupper()]
    scope.roles = {name: role for (at, name), role in roles(tree).items() if at == function.name}
    scope.idle = scope.idle + file.idle + idle(function, function.body)
    every = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
    scope.parameters = [argument.arg for argument in every]
    collect_own(function, scope)
    return scope


def takes_self(function: Function) -> bool:
    """Tell whether the first argument of a function is self."""
    return bool(function.args.args) and function.args.args[0].arg == "self"


def family(owner: ast.ClassDef, tree: ast.Module) -> list[ast.ClassDef]:
    """List a class and those of the file that it is derived from."""
    bases = {getattr(base, "id", "") for base in owner.bases}
    above = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in bases]
    return [owner, *(one for base in above if base is not owner for one in family(base, tree))]


def what_it_has(owner: ast.ClassDef) -> list[str]:
    """List the attributes of a class: what it shares, what its methods use, and its properties."""
    made = [node for node in owner.body if isinstance(node, Function)]
    properties = [n.name for n in made if "property" in map(ast.unparse, n.decorator_list)]
    return [*class_values(owner), *attributes_of(owner), *properties]


def attributes_of(owner: ast.AST) -> list[str]:
    """List the attributes that the methods in a class or file set, or look at."""
    nodes = [node for node in ast.walk(owner) if isinstance(node, ast.Attribute)]
    return [n.attr for n in nodes if getattr(n.value, "id", "") in ("self", "cls")]


def collect_own(body: ast.AST, scope: Scope) -> None:
    """Collect the variables of a function or file, and those that nobody looks at."""
    for node in walk_own(body):
        collect(node, scope)
    for name in ("variables", "collections", "loop_targets"):
        setattr(scope, name, unique(getattr(scope, name)))
    names = [node for node in ast.walk(body) if isinstance(node, ast.Name)]
    loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    seen = loaded | names_of_sizes(body) | names_of_rounds(body) | {"_", *scope.outer}
    scope.unread = [name for name in scope.own if name not in seen]
    stored = [n.id for n in names if isinstance(n.ctx, ast.Store)]
    scope.stale = unique([n for loop in loops(body) for n in stale_names(loop, stored)])
    unused = [f"self.{name}" for name in unused_attributes(scope)]
    scope.waiting = {*scope.unread, *scope.idle, *unused}


def stale_names(loop: ast.For | ast.While, stored: list[str]) -> list[str]:
    """List the variables that a loop looks at, and that are set only outside of it."""
    names = [node for node in ast.walk(loop) if isinstance(node, ast.Name)]
    inside = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return [node.id for node in names if node.id in stored and node.id not in inside]


def walk_own(body: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function or file, but not those of the functions and classes in it.

    What a comprehension names is left out too: it is known inside of it only.
    """
    for child in ast.iter_child_nodes(body):
        if isinstance(body, ast.comprehension) and child is body.target:
            continue
        yield child
        if not isinstance(child, Function | ast.ClassDef | ast.Lambda):
            yield from walk_own(child)


def collect_global(node: ast.stmt, scope: Scope) -> None:
    """Note what a statement at the top of the file tells."""
    if isinstance(node, Function | ast.ClassDef):
        scope.globals.append(node.name)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        scope.globals += [n.id for n in names if isinstance(n.ctx, ast.Store)]
        if isinstance(node.value, ast.Attribute):
            scope.aliases |= {name: node.value.attr for name in scope.globals[-1:]}
    elif isinstance(node, ast.Import):
        scope.imports += [(name.asname or name.name).split(".")[0] for name in node.names]
        scope.modules |= {name.asname or name.name: name.name for name in node.names}
    elif isinstance(node, ast.ImportFrom):
        scope.imports += [name.asname or name.name for name in node.names]
        scope.modules |= {n.asname or n.name: f"{node.module}.{n.name}" for n in node.names}
        scope.aliases |= {name.asname: name.name for name in node.names if name.asname}


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
        if node.id not in scope.parameters:
            scope.spans.setdefault(node.id, []).append((node.lineno, float("inf")))
    if isinstance(node, COMPREHENSIONS):
        inner = [n.id for g in node.generators for n in ast.walk(g.target) if hasattr(n, "id")]
        scope.variables += inner
        for name in inner:
            scope.spans.setdefault(name, []).append((node.lineno - 1, node.end_lineno))
    if isinstance(node, ast.Lambda):
        for argument in node.args.args:
            scope.variables.append(argument.arg)
            scope.spans.setdefault(argument.arg, []).append((node.lineno - 1, node.end_lineno))
    if isinstance(node, ast.While):
        names = [n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)]
        inside = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        stored = {n.id for n in inside if isinstance(n.ctx, ast.Store)}
        scope.stuck += [] if stored & set(names) else names
    if isinstance(node, ast.For | ast.comprehension):
        targets = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
        scope.loop_targets += targets
    if isinstance(node, ast.Assign | ast.AnnAssign) and is_collection(node.value):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        scope.collections += [ast.unparse(target) for target in targets]
