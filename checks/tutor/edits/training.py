"""Statements of a training step that are missing: zero_grad, backward, step, modes, files."""

import ast
import re
from collections.abc import Iterator

from tutor.edits.scope import Scope, unique


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


def optimizers(scope: Scope) -> list[str]:
    """List the variables that are made by PyTorch's optimizers."""
    return [
        ast.unparse(node.targets[0])
        for node in ast.walk(scope.function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if re.search(r"optim|Adam|SGD", ast.unparse(node.value.func))
    ]


def training(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield the statements of a training step, and of the modes around it."""
    steppers = receivers(scope, "step") + receivers(scope, "zero_grad")
    steppers += [name for name in scope.own if "opt" in name.lower()] + optimizers(scope)
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
