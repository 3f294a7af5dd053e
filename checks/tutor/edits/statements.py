"""Changes of whole statements: one too many, one missing, one in the wrong place or order."""

import ast
import re
from collections.abc import Iterator

from tutor.edits import expressions
from tutor.edits.edit import Edit, Editor
from tutor.edits.scope import Scope, unique, unused_attributes

GUARD_COST = 5
BODIES = ("body", "orelse", "finalbody")


def changes(node: ast.AST, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Yield all changes of the statements that stand directly in a node."""
    for name in BODIES:
        body = getattr(node, name, None)
        if isinstance(body, list) and body:
            yield from removals(body, editor)
            yield from orders(body, editor)
            yield from levels(body, node, editor)
    if isinstance(node, ast.FunctionDef):
        yield from heads(node, scope, editor)


def lines_of(statement: ast.stmt) -> tuple[int, int]:
    """Return the first and last line of a statement, decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)]), statement.end_lineno


def is_plain(statement: ast.stmt) -> bool:
    """Tell whether a statement is one that may be moved: not a definition, import or docstring."""
    fixed = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return not isinstance(statement, fixed) and not is_text


def removals(body: list[ast.stmt], editor: Editor) -> Iterator[Edit]:
    """Take a statement away, or only the `if`, `with` or decorator around one."""
    for statement in body:
        first, last = lines_of(statement)
        if is_plain(statement):
            indent = " " * statement.col_offset
            rest = [indent + "pass"] if len(body) == 1 else []
            yield editor.replace_lines(first, last, rest, 2, "does this line belong here?")
        if isinstance(statement, ast.If | ast.With) and not getattr(statement, "orelse", []):
            inner = editor.lines[statement.body[0].lineno - 1 : last]
            shift = statement.body[0].col_offset - statement.col_offset
            moved = [line[shift:] if line[:shift].isspace() else line for line in inner]
            yield editor.replace_lines(first, last, moved, 3, "does this condition belong here?")
        for decorator in getattr(statement, "decorator_list", []):
            yield editor.replace_lines(
                decorator.lineno, decorator.end_lineno, [], 2, "does this decorator belong here?"
            )
        if isinstance(statement, ast.AugAssign):
            target, value = editor.code(statement.target), editor.code(statement.value)
            start, end = editor.span(statement)
            for code in (f"{target} = {value}", f"{target} = {target} + {value}"):
                yield Edit(start, end, code, statement.lineno, 1, "look at the = in it")
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            start, end = editor.span(statement)
            if isinstance(statement.targets[0], ast.Name):
                start_of_value = editor.span(statement.value)[0]
                code = f"{editor.code(statement.targets[0])}, _ = "
                hint = "how many things come out?"
                yield Edit(start, start_of_value, code, statement.lineno, 2, hint)
            target, value = editor.code(statement.targets[0]), editor.code(statement.value)
            yield Edit(
                start, end, f"{target} += {value}", statement.lineno, 2, "look at the = in it"
            )
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            function = statement.value.func
            if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
                start = editor.span(statement)[0]
                code = f"{function.value.id} = "
                yield Edit(start, start, code, statement.lineno, 2, "what becomes of its result?")
            start = editor.span(statement)[0]
            yield Edit(start, start, "return ", statement.lineno, 2, "what becomes of its result?")


def orders(body: list[ast.stmt], editor: Editor) -> Iterator[Edit]:
    """Exchange two neighbours."""
    for one, two in zip(body, body[1:]):
        if is_plain(one) and is_plain(two):
            (first, middle), (after, last) = lines_of(one), lines_of(two)
            lines = editor.lines
            new = lines[after - 1 : last] + lines[middle : after - 1] + lines[first - 1 : middle]
            edit = editor.replace_lines(first, last, new, 2, "look at the order of these lines")
            yield edit


def levels(body: list[ast.stmt], node: ast.AST, editor: Editor) -> Iterator[Edit]:
    """Move the last statement out of a block, or the one behind a block into it."""
    hint = "look at how far this line is indented"
    last = body[-1]
    if isinstance(node, ast.For | ast.While | ast.If | ast.With) and is_plain(last):
        first_line, last_line = lines_of(last)
        shift = last.col_offset - node.col_offset
        moved = [line[shift:] for line in editor.lines[first_line - 1 : last_line]]
        if len(body) > 1:
            yield editor.replace_lines(first_line, last_line, moved, 1, hint)
    for one, two in zip(body, body[1:]):
        if isinstance(one, ast.For | ast.While | ast.If | ast.With) and is_plain(two):
            first_line, last_line = lines_of(two)
            shift = " " * (one.body[0].col_offset - one.col_offset)
            moved = [shift + line for line in editor.lines[first_line - 1 : last_line]]
            yield editor.replace_lines(first_line, last_line, moved, 1, hint)


def heads(node: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Change the head of a function: self, a decorator, a default."""
    arguments = node.args.args
    indent = " " * node.col_offset
    first = lines_of(node)[0]
    head = editor.lines[node.lineno - 1]
    is_method = scope.owner is not None
    if is_method and (not arguments or arguments[0].arg not in ("self", "cls")):
        new = head.replace("(", "(self, " if arguments else "(self", 1)
        yield editor.replace_lines(node.lineno, node.lineno, [new], 1, "look at its arguments")
    for decorator in ("torch.no_grad()", "property", "staticmethod", "dataclass"):
        if decorator not in {ast.unparse(d) for d in node.decorator_list}:
            lines = [f"{indent}@{decorator}", editor.lines[first - 1]]
            yield editor.replace_lines(first, first, lines, 3, "what should stand above this line?")
    if is_method:
        for name in ("__init__", "__post_init__", "forward"):
            if node.name != name and node.name.strip("_") in (
                "init",
                "post_init",
                "forwards",
                "call",
            ):
                new = head.replace(f"def {node.name}", f"def {name}", 1)
                yield editor.replace_lines(node.lineno, node.lineno, [new], 1, "look at the name")


def insertions(function: ast.FunctionDef, scope: Scope, editor: Editor) -> Iterator[Edit]:
    """Insert what may be missing, at every place of a function."""
    codes = list(missing_codes(scope))
    for code in guards(scope):
        first = function.body[0]
        is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        line = first.end_lineno if is_text else first.lineno - 1
        yield editor.insert_after(line, first.col_offset, code, GUARD_COST, "a refusal is missing")
    yield from repeated_tokens(function, editor)
    places = []
    for node in ast.walk(function):
        for name in BODIES:
            body = getattr(node, name, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                places.append((body[0].lineno - 1, body[0].col_offset))
                places += [(s.end_lineno, s.col_offset) for s in body]
    for line, indent in unique(places):
        for code, cost in codes:
            yield editor.insert_after(line, indent, code, cost, "something is missing here")


def missing_codes(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield the statements that are often forgotten, in the words of this function, with their cost."""
    if scope.function.name == "__init__":
        yield "super().__init__()", 3
        yield from ((f"self.{name} = {name}", 3) for name in scope.parameters if name != "self")
        if "vocab_size" not in members(scope):
            yield "self.vocab_size = len(self.vocab)", 3
        for one in scope.attributes:
            yield from ((f"self.{one} += self.{two}", 4) for two in scope.attributes)
        yield from (
            (f"self.{name} = {kind}", 4) for name in class_values(scope) for kind in ("[]", "{}")
        )
    yield from ((f"{name} += 1", 3) for name in unique(scope.counters + counted(scope)))
    grown = [f"self.{a}" for a in scope.attributes if f"self.{a}" in lists_of(scope)]
    for name in unique([*scope.collections, *grown]):
        yield from ((f"{name}.append({other})", 3) for other in scope.own if other != name)
        yield f"{name}.append(1)", 3
        for target in scope.loop_targets:
            yield f"{name}.append({target})", 3
            yield f"{name}.add({target})", 3
            yield f"{name}[{target}] = len({name})", 3
    for name in scope.own:
        yield f"return {name}", 3
    yield from ((f"return {value}", 3) for value in ("-1", "0", "1", "None"))
    yield "break", 4
    yield from training(scope)
    yield from tensors(scope)


def lists_of(scope: Scope) -> list[str]:
    """List the attributes that a class makes as a list of any kind."""
    return [
        ast.unparse(target)
        for node in ast.walk(scope.owner or ast.Module([], []))
        if isinstance(node, ast.Assign)
        and re.search(r"List\(|^\[|^list\(", ast.unparse(node.value))
        for target in node.targets
    ]


def counted(scope: Scope) -> list[str]:
    """List the variables that a function sets to a number first."""
    found = []
    for node in ast.walk(scope.function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            if isinstance(node.value.value, int):
                found += [ast.unparse(target) for target in node.targets]
    return found


def class_values(scope: Scope) -> list[str]:
    """List the lists and dicts that a class shares among its objects."""
    body = scope.owner.body if scope.owner else []
    return [
        target.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]


def receivers(scope: Scope, method: str) -> list[str]:
    """List the things whose method is called somewhere in the function, such as optimizer.step()."""
    return unique(
        [
            ast.unparse(node.func.value)
            for node in ast.walk(scope.function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if node.func.attr == method
        ]
    )


def training(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield the statements of a training step, and of the modes around it."""
    steppers = receivers(scope, "step") + receivers(scope, "zero_grad")
    steppers += [name for name in scope.own if "opt" in name.lower()]
    for name in unique(steppers):
        yield f"{name}.zero_grad()", 3
        yield f"{name}.step()", 3
    losses = receivers(scope, "item") + receivers(scope, "backward") + receivers(scope, "detach")
    for name in unique([*losses, *(n for n in scope.own if "loss" in n.lower())]):
        yield f"{name}.backward()", 3
    models = unique(receivers(scope, "parameters") + receivers(scope, "train"))
    models += receivers(scope, "eval") + [n for n in scope.own if n in ("model", "net", "network")]
    for name in unique(models):
        yield f"{name}.train()", 3
        yield f"{name}.eval()", 3
        for mode in scope.own:
            yield f"{name}.train({mode})", 3
        for state in scope.own:
            for key in [k for k in keys_of(scope) if name in ("model", "net", "network")]:
                yield f'{name}.load_state_dict({state}["{key}"])', 4
    for one in scope.own:
        for two in scope.own:
            if one != two and any(word in one.lower() for word in ("tmp", "temp")):
                yield f"os.replace({one}, {two})", 3


def keys_of(scope: Scope) -> list[str]:
    """List the texts in brackets in a function, such as "config" in checkpoint["config"]."""
    keys = [
        node.slice.value
        for node in ast.walk(scope.function)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        if isinstance(node.slice.value, str)
    ]
    likely = ["model", "weights", "state_dict", "state", "parameters", "params"]
    return unique([*likely, *keys]) if "load" in scope.function.name else []


def guards(scope: Scope) -> Iterator[str]:
    """Yield the refusals of arguments that are out of range."""
    for name in [p for p in scope.parameters if p != "self"]:
        yield f'if not {name} >= 0:\n    raise ValueError("{name}")'
        yield f'if {name} is not None and {name} < 1:\n    raise ValueError("{name}")'
        for table in (f"self.{a}" for a in scope.attributes):
            condition = f"any(not 0 <= i < len({table}) for i in {name})"
            yield f'{name} = list({name})\nif {condition}:\n    raise ValueError("{name}")'


def members(scope: Scope) -> list[str]:
    """List all names that a class defines: attributes, methods, fields."""
    body = scope.owner.body if scope.owner else []
    stored = [
        node.attr
        for node in ast.walk(scope.owner or ast.Module([], []))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    return stored + [getattr(node, "name", "") for node in body] + class_values(scope)


def repeated_tokens(function: ast.FunctionDef, editor: Editor) -> Iterator[Edit]:
    """Repeat a line that deals with one special token for another one that the function lacks."""
    text = ast.unparse(function)
    lacking = [token for token in expressions.SPECIAL_TOKENS if token not in text]
    for node in ast.walk(function):
        if isinstance(node, ast.Expr | ast.Assign) and lacking:
            for token in (t for t in expressions.SPECIAL_TOKENS if t in editor.code(node)):
                for other in lacking:
                    code = editor.code(node).replace(token, other)
                    line, hint = node.end_lineno, "something is missing here"
                    yield editor.insert_after(line, node.col_offset, code, 2, hint)


def tensors(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield the steps of a model that are often forgotten: scale, mask, crop, layers, growth."""
    first = next((p for p in scope.parameters if p not in ("self", "cls")), None)
    variables = [name for name in scope.own if name.isidentifier()]
    for name in variables:
        for method in (".transpose(1, 2)", ".permute(0, 2, 1, 3)", ".triu(1)", ".tril()", "[0]"):
            yield f"{name} = {name}{method}", 3
        for other in scope.unused:
            if other != name:
                yield f"{name} = {name} + {other}", 3
                yield f"{name} = {name} / {other}", 3
                yield f'{name} = {name}.masked_fill({other}, float("-inf"))', 3
        for counter in scope.counters:
            yield f"{name}[{counter}] = {counter}", 4
        if first and first != name:
            yield f"{name} = {name} / {first}.shape[-1] ** 0.5", 3
        sizes = f"{name}.shape[-1], {name}.shape[-1]"
        mask = f"torch.ones({sizes}).triu(1).bool()"
        yield f'{name} = {name}.masked_fill({mask}, float("-inf"))', 3
        if name in scope.parameters:
            yield f"{name} = {name}.clone()", 4
            yield f"{name} = list({name})", 3
            for other in [n for n in variables if "next" in n or "new" in n or "sample" in n]:
                yield f"{name} = torch.cat([{name}, {other}], dim=1)", 4
        for attribute in unused_attributes(scope):
            yield f"{name} = self.{attribute}({name})", 3
