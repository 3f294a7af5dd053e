"""Changes of whole statements: one too many, one missing, one in the wrong place or order."""

import ast
import re
from collections.abc import Iterator

from tutor.edits import expressions
from tutor.edits.edit import Edit, Editor
from tutor.edits.scope import Scope, unique, unused_attributes

GUARD_COST = 5
NEWS = re.compile("next|new|sample|token|choice|drawn|fresh|pick")
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
            for sign in ("=", "+=", "-=", "*=", "/="):
                code = f"{target} {sign} {value}"
                yield Edit(start, end, code, statement.lineno, 1, "look at the sign in it")
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
            yield from results(statement, target, value, editor)
            if isinstance(statement.targets[0], ast.Name):
                code, hint = f"self.{target} = {value}", "where is this kept?"
                yield Edit(start, end, code, statement.lineno, 2, hint)
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            function = statement.value.func
            if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
                start = editor.span(statement)[0]
                code = f"{function.value.id} = "
                yield Edit(start, start, code, statement.lineno, 2, "what becomes of its result?")
            start, hint = editor.span(statement)[0], "what becomes of its result?"
            targets = [ast.unparse(a) for a in statement.value.args if isinstance(a, ast.Name)]
            for code in ["return ", *(f"{target} = " for target in unique(targets))]:
                yield Edit(start, start, code, statement.lineno, 2, hint)


def results(statement: ast.Assign, target: str, value: str, editor: Editor) -> Iterator[Edit]:
    """Change what becomes of a result: not kept, or changed in place."""
    start, end = editor.span(statement)
    if isinstance(statement.value, ast.Call):
        yield Edit(start, end, value, statement.lineno, 1, "what does this call give back?")
    if isinstance(statement.value, ast.BinOp) and editor.code(statement.value.left) == target:
        signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
        sign = signs.get(type(statement.value.op), "+")
        code = f"{target} {sign}= {editor.code(statement.value.right)}"
        yield Edit(start, end, code, statement.lineno, 1, "is it changed, or made anew?")


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
    """Yield the statements that are often forgotten, in a function's own words, with their cost."""
    if scope.function.name == "__init__":
        yield "super().__init__()", 3
        yield from ((f"super().__init__({name})", 3) for name in scope.own if name != "self")
        yield from ((f"self.{name} = {name}", 3) for name in scope.parameters if name != "self")
        if "vocab_size" not in members(scope):
            yield "self.vocab_size = len(self.vocab)", 3
        for one in scope.attributes:
            yield from ((f"self.{one} += self.{two}", 4) for two in scope.attributes)
        yield from (
            (f"self.{name} = {kind}", 4) for name in class_values(scope) for kind in ("[]", "{}")
        )
    numbers = counted(scope.function) + [n for n in counted(scope.owner) if n.startswith("self.")]
    yield from ((f"{name} += 1", 3) for name in unique(scope.counters + numbers))
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


def counted(tree: ast.AST | None) -> list[str]:
    """List the variables that are set to a whole number somewhere."""
    found = []
    for node in ast.walk(tree or ast.Module([], [])):
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
    """List the things whose method is called in the function, such as optimizer of step."""
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
            for key in scope.keys if "load" in scope.function.name else []:
                yield f'{name}.load_state_dict({state}["{key}"])', 4
    for one in scope.own:
        for two in scope.own:
            if one != two and re.search("tmp|temp|draft|part|new|name", one.lower()):
                yield f"os.replace({one}, {two})", 3
    yield from forgotten_calls(scope)


def forgotten_calls(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield calls that use what a function was given, but does not use yet."""
    for name in scope.unused:
        yield f"torch.manual_seed({name})", 3
        yield f"torch.set_grad_enabled({name})", 3
        if name.startswith(("on_", "call", "report")):
            for step in scope.loop_targets + scope.counters:
                for loss in [n for n in scope.own if "loss" in n]:
                    for value in (loss, f"{loss}.item()", f"{loss}[-1]"):
                        yield f"{name} and {name}({step}, {value})", 3
    for function, parameters in scope.functions.items():
        if parameters and set(parameters) <= set(scope.own) and function != scope.function.name:
            yield f"{function}({', '.join(parameters)})", 3
    paths = [p for p in scope.parameters if p in ("path", "file", "filename", "target")]
    for node in ast.walk(scope.function):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("save", "open")):
            for argument in node.args:
                yield from ((f"os.replace({ast.unparse(argument)}, {p})", 3) for p in paths)


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
                yield f"{name} = {other}.gather(-1, {name})", 3
                yield f"{name} = {other}[{name}]", 3
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
        for other in [n for n in variables if n != name and NEWS.search(n)]:
            yield f"{name} = torch.cat([{name}, {other}], dim=1)", 3
            yield f"{name} = torch.cat([{name}, {other}[None]], dim=1)", 4
        for attribute in unused_attributes(scope):
            yield f"{name} = self.{attribute}({name})", 3
