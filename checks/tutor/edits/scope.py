"""What a function of the learner's knows: its arguments, variables, class and file."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

Function = ast.FunctionDef | ast.AsyncFunctionDef
PUBLIC = {"config", "vocab", "vocab_size"}
"""The attributes at which others look."""
DIVISORS = {"temperature", "temp", "tau", "scale", "head_size", "D"}
WORDS = re.compile(r"(?:self\.)?\w+")
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Scope:
    """The names that can stand in a function, each list in the order of the text.

    Args:
        function: the function. None means the top of the file.
        owner: the class around it, if it is a method.
        imports: what the file imports, such as "nn".
    """

    function: Function | None
    owner: ast.ClassDef | None
    outer: list[str] = field(default_factory=list)
    """The names of the function around this one."""
    imports: list[str] = field(default_factory=list)
    spans: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    """Of each variable: behind which line it is known, and up to which."""
    parameters: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    counters: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    """The variables that keep the value of another one, such as `before = x`."""
    stuck: list[str] = field(default_factory=list)
    """The names in the conditions of loops that change none of them."""
    collections: list[str] = field(default_factory=list)
    loop_targets: list[str] = field(default_factory=list)
    members: dict[str, list[str]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    functions: dict[str, list[str]] = field(default_factory=dict)

    unread: list[str] = field(default_factory=list)
    """The arguments and variables that are made but never looked at, but for those in a row."""
    used: set[str] = field(default_factory=set)
    """The attributes that the file looks at somewhere."""
    waiting: set[str] = field(default_factory=set)
    """The same, with the object's attributes and the file's functions."""

    @property
    def unused(self) -> list[str]:
        """What is known here, but looked at nowhere in the function."""
        return [name for name in self.own if name in self.unread]

    def is_imported(self, node: ast.expr) -> bool:
        """Tell whether an expression is a module or something in it, such as `F.softmax`."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.imports

    def at(self, line: int) -> "Scope":
        """Return what is known at a line: what is made further down is not."""
        return replace(
            self,
            variables=[name for name in self.variables if self.is_known(name, line)],
            copies=[name for name in self.copies if self.is_known(name, line)],
            counters=[name for name in self.counters if self.is_known(name, line)],
            collections=[name for name in self.collections if self.is_known(name, line)],
            loop_targets=[name for name in self.loop_targets if self.is_known(name, line)],
        )

    def is_known(self, name: str, line: int) -> bool:
        """Tell whether a variable is known at a line. What is no variable is known everywhere."""
        spans = self.spans.get(name)
        return spans is None or any(first < line <= last for first, last in spans)

    @property
    def own(self) -> list[str]:
        """The arguments and variables, without self, and those of the function around."""
        names = [name for name in self.parameters if name not in ("self", "cls")]
        return unique(names + self.variables + self.outer)


def unique(names: list) -> list:
    """Return each name once, in order."""
    return list(dict.fromkeys(names))


def scope_of(
    function: Function | None, owner: ast.ClassDef | None, tree: ast.Module, outer: list = ()
) -> Scope:
    """Collect the names that a function can use, those of the function around it included."""
    scope = Scope(function, owner, list(outer))
    scope.keys = keys_of(tree)
    for node in tree.body:
        collect_global(node, scope)
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
    for node in walk_own(body):
        collect(node, scope)
    scope.used = used_attributes(tree, scope)
    for name in ("variables", "counters", "collections", "loop_targets"):
        setattr(scope, name, unique(getattr(scope, name)))
    names = [node for node in ast.walk(body) if isinstance(node, ast.Name)]
    loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    rows = [node for node in ast.walk(body) if isinstance(node, ast.Tuple)]
    row = {n.id for node in rows if isinstance(node.ctx, ast.Store) for n in names_in(node)}
    scope.unread = [name for name in scope.own if name not in loaded | row | {"_"}]
    scope.waiting = {*scope.unread, *(f"self.{name}" for name in unused_attributes(scope))}
    return scope


def used_attributes(tree: ast.Module, scope: Scope) -> set[str]:
    """List the attributes that a file looks at. Methods of other things, as x.where(), are none."""
    nodes = list(ast.walk(tree))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    loaded = (n for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load))
    return {
        node.attr
        for node in loaded
        if id(node) not in called or isinstance(node.value, ast.Name) and node.value.id == "self"
        if not scope.is_imported(node)
    }


def names_in(row: ast.Tuple) -> list[ast.Name]:
    """List the names that stand directly in a row, as in `B, T = x.shape`."""
    return [element for element in row.elts if isinstance(element, ast.Name)]


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
    if isinstance(node, Function):
        scope.functions[node.name] = [argument.arg for argument in node.args.args]
    elif isinstance(node, ast.Assign):
        scope.globals += [t.id for t in node.targets if isinstance(t, ast.Name)]
    elif isinstance(node, ast.Import):
        scope.imports += [(name.asname or name.name).split(".")[0] for name in node.names]
    elif isinstance(node, ast.ImportFrom):
        scope.imports += [name.asname or name.name for name in node.names]
    if isinstance(node, ast.ClassDef):
        stores = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        scope.members[node.name] = unique(
            [n.id for n in stores if isinstance(n.ctx, ast.Store) and n.id.isidentifier()]
        )


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
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
        scope.copies += [n.id for n in node.targets if isinstance(n, ast.Name)]
    if isinstance(node, ast.While):
        names = [n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)]
        scope.counters += names
        inside = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        stored = {n.id for n in inside if isinstance(n.ctx, ast.Store)}
        scope.stuck += [] if stored & set(names) else names
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


def divisors(scope: Scope) -> list[str]:
    """List what scores are divided by in this field, as far as a function has it."""
    own = [name for name in scope.own if name in DIVISORS]
    return own + [f"self.{name}" for name in scope.attributes if name in DIVISORS]


def unused_attributes(scope: Scope) -> list[str]:
    """List the attributes that a class makes but does not use, such as a forgotten last layer."""
    return [name for name in scope.attributes if name not in scope.used | PUBLIC]
