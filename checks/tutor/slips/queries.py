"""Questions to the syntax tree of a function or class: what it counts, keeps, fills and calls."""

import ast
import functools
import re

from tutor.slips.scope import unique

OPTIMIZER = r"optim|Adam|SGD"
COLLECTIONS = ast.List | ast.Set | ast.Dict | ast.ListComp | ast.SetComp | ast.DictComp
MAKERS = {"list", "set", "dict", "deque", "defaultdict", "OrderedDict", "Counter"}
MAKERS |= {"tolist", "split", "copy", "encode"}
"""Calls that give a new collection."""
LIST = r"List\(|^\[|^list\("
PRODUCTS = r"@|matmul|einsum|bmm"
MASKS = r"ones|full|zeros"
SPACE = r"zeros|empty|full|expand"


@functools.cache
def receivers(function: ast.AST, method: str) -> list[str]:
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
def made_by(function: ast.AST, makers: str) -> list[str]:
    """List the variables that are made by a call of certain functions, a regular expression."""
    return [
        ast.unparse(node.targets[0])
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if re.search(makers, ast.unparse(node.value.func))
    ]


@functools.cache
def models(function: ast.AST) -> list[str]:
    """List what may be a model: by its methods, by its name, or since it is called like one."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    called = [node.id for node in calls if isinstance(node, ast.Name)]
    methods = [name for m in ("parameters", "train", "eval") for name in receivers(function, m)]
    return unique([*methods, *called, *made_by(function, r"^[A-Z]\w*$")])


@functools.cache
def kept_modes(tree: ast.AST) -> list[str]:
    """List where a function or class keeps the modes as they were, to restore them later."""
    assigns = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    kept = [a for a in assigns if re.search(r"\.training|is_grad_enabled", ast.unparse(a.value))]
    return unique([ast.unparse(assign.targets[0]) for assign in kept])


@functools.cache
def grows(name: str, function: ast.AST) -> bool:
    """Tell whether a function adds anything to a collection."""
    text = ast.unparse(function)
    return re.search(rf"{re.escape(name)}(\.\w+\(|\[[^\]]+\] = | \+= )", text) is not None


@functools.cache
def copied(function: ast.AST) -> list[str]:
    """List the statements of a function that keep a variable under a second name."""
    assigns = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    return unique(
        [
            ast.unparse(node)
            for node in assigns
            if isinstance(node.value, ast.Name) and isinstance(node.targets[0], ast.Name)
        ]
    )


@functools.cache
def made_as(owner: ast.AST | None, kind: str) -> list[str]:
    """List what a class or function makes by a value of some kind, a regular expression."""
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
def uncounted(owner: ast.ClassDef | None) -> list[str]:
    """List what a class sets to a whole number, and never counts up, as in `n += 1`."""
    nodes = list(ast.walk(owner or ast.Module([], [])))
    grown = {ast.unparse(node.target) for node in nodes if isinstance(node, ast.AugAssign)}
    grown.update(made_as(owner, r"^[\w.]+ \+ 1$"))
    return [name for name in counted(owner) if name not in grown]


@functools.cache
def class_values(owner: ast.ClassDef | None) -> list[str]:
    """List the values that a class shares among its objects, and its fields."""
    made = [node for node in owner.body if isinstance(node, ast.Assign)] if owner else []
    targets = [target for node in made for target in node.targets]
    fields = [n.target for n in owner.body if isinstance(n, ast.AnnAssign)] if owner else []
    return [target.id for target in [*targets, *fields] if isinstance(target, ast.Name)]


@functools.cache
def shared(owner: ast.ClassDef) -> list[ast.stmt]:
    """List the statements of a class that make one thing for all objects, for good."""
    body = [node for node in owner.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    made = [node for node in body if is_collection(node.value) or is_made(node.value)]
    replaced = made_as(owner, "")
    return [node for node in made if f"self.{name_in(node)}" not in replaced]


def is_made(value: ast.expr | None) -> bool:
    """Tell whether a value comes from a call, but is no field of a dataclass."""
    return isinstance(value, ast.Call) and not ast.unparse(value.func).endswith("field")


def is_collection(value: ast.expr | None) -> bool:
    """Tell whether a value is a list, set or dict that can still grow."""
    if isinstance(value, ast.Call):
        return getattr(value.func, "id", getattr(value.func, "attr", "")) in MAKERS
    return isinstance(value, COLLECTIONS)


def name_in(statement: ast.Assign | ast.AnnAssign) -> str:
    """Return the name that a statement sets first."""
    targets = getattr(statement, "targets", None) or [statement.target]
    return ast.unparse(targets[0])


@functools.cache
def switched(owner: ast.ClassDef | None) -> list[str]:
    """List the statements that turn a switch round which the class sets, but never turns."""
    on, off = (
        {own_name(n, owner) for n in made_as(owner, f"^{value}$")} for value in ("True", "False")
    )
    never = [f"{name} = True" for name in off - on] + [f"{name} = False" for name in on - off]
    return sorted(statement for statement in never if statement.startswith("self."))


def own_name(name: str, owner: ast.ClassDef) -> str:
    """Return how an object calls a name, if it is one that its class shares."""
    return f"self.{name}" if name in class_values(owner) else name


@functools.cache
def has_refusal(function: ast.AST) -> bool:
    """Tell whether a function raises something under a condition."""
    conditions = (node for node in ast.walk(function) if isinstance(node, ast.If))
    return any(isinstance(one, ast.Raise) for condition in conditions for one in condition.body)


@functools.cache
def own_calls(function: ast.AST) -> set[str]:
    """Return the names of the functions and own methods that a function calls."""
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    codes = (ast.unparse(func).removeprefix("self.") for func in called)
    return {code for code in codes if code.isidentifier() and not code.startswith("__")}


@functools.cache
def members(owner: ast.ClassDef | None) -> list[str]:
    """List all names that a class defines: attributes, methods, fields."""
    body = owner.body if owner else []
    stored = [
        node.attr
        for node in ast.walk(owner or ast.Module([], []))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    return [*stored, *(getattr(node, "name", "") for node in body), *class_values(owner)]


@functools.cache
def assigned(function: ast.AST) -> list[tuple[str, str]]:
    """List what a function sets, each with the whole statement."""
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    return [(ast.unparse(node.targets[0]), ast.unparse(node)) for node in nodes]


@functools.cache
def plain_values(owner: ast.AST | None) -> list[tuple[str, str]]:
    """List what a class sets to a constant or a new collection, each with the whole statement."""
    nodes = [node for node in ast.walk(owner or ast.Module([], [])) if isinstance(node, ast.Assign)]
    plain = [n for n in nodes if isinstance(n.value, ast.Constant) or is_collection(n.value)]
    return [(ast.unparse(node.targets[0]), ast.unparse(node)) for node in plain]


@functools.cache
def never_moved(function: ast.AST) -> list[str]:
    """List the variables that start at a number and stay there, in a function that has a loop."""
    nodes = list(ast.walk(function))
    if not any(isinstance(node, ast.For | ast.While) for node in nodes):
        return []
    stored = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [name for name in counted(function) if stored.count(name) == 1]


@functools.cache
def looped_twice(function: ast.AST) -> list[str]:
    """List the arguments that a function goes through, hands on or indexes more than once."""
    nodes = list(ast.walk(function))
    seen = [node.iter for node in nodes if isinstance(node, ast.For | ast.comprehension)]
    seen += [node.value for node in nodes if isinstance(node, ast.Starred | ast.Subscript)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    seen += [one for call in calls for one in call.args if isinstance(one, ast.Name)]
    inside = [node for part in seen for node in ast.walk(part) if isinstance(node, ast.Name)]
    names = list({id(node): node.id for node in inside}.values())  # each place counts once
    given = [one.arg for one in getattr(function, "args", ast.arguments(args=[])).args]
    return [name for name in given if names.count(name) > 1]


@functools.cache
def written(function: ast.AST) -> list[str]:
    """List the variables that a function makes by a calculation."""
    return unique(
        [
            ast.unparse(node.targets[0])
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            if isinstance(node.value, ast.Call | ast.BinOp | ast.Subscript)
        ]
    )


@functools.cache
def saved(function: ast.AST) -> list[str]:
    """List the files to which a function writes."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    savers = [
        call for call in calls if ast.unparse(call.func).endswith(("save", "open", "mkstemp"))
    ]
    return unique([ast.unparse(one) for call in savers for one in call.args])
