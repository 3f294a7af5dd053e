"""Statements of a training step that are missing: zero_grad, backward, step, modes, files."""

import ast
import re
from collections.abc import Iterator

from tutor.slips.queries import OPTIMIZER, does, kept_modes, made_by, models, receivers
from tutor.slips.scope import Scope, unique


def is_known(name: str, scope: Scope) -> bool:
    """Tell whether a name can be used at a place. What has a dot in it always can."""
    return "." in name or name in scope.own


def training(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield the statements of a training step, and of the modes around it."""
    steppers = receivers(scope.function, "step") + receivers(scope.function, "zero_grad")
    steppers += [name for name in scope.own if "opt" in name.lower()]
    steppers += made_by(scope.function, OPTIMIZER)
    for name in unique(steppers):
        yield f"{name}.zero_grad()", 3
        yield f"{name}.step()", 3
    losses = (
        receivers(scope.function, "item")
        + receivers(scope.function, "backward")
        + receivers(scope.function, "detach")
    )
    for name in unique([*losses, *(n for n in scope.own if "loss" in n.lower())]):
        yield f"{name}.backward()", 3
    kept = [name for name in kept_modes(scope.owner or scope.function) if is_known(name, scope)]
    for name in (name for name in models(scope.function) if is_known(name, scope)):
        yield f"{name}.train()", 3
        yield f"{name}.eval()", 3
        yield from ((f"{name}.train({mode})", 2) for mode in kept)
        for state in scope.own:
            for key in scope.keys if "load" in scope.function.name else []:
                yield f'{name}.load_state_dict({state}["{key}"])', 4
        for stack in receivers(scope.function, "enter_context"):
            yield f"{stack}.callback({name}.train, {name}.training)", 3
    yield from ((f"torch.set_grad_enabled({mode})", 2) for mode in kept)
    for one in scope.own if does(scope.function, r"save\(|open\(|mkstemp|Temporary") else ():
        for two in scope.own:
            if one != two and re.search("tmp|temp|draft|part|new|name", one.lower()):
                yield f"os.replace({one}, {two})", 3
    yield from forgotten_calls(scope)


def forgotten_calls(scope: Scope) -> Iterator[tuple[str, int]]:
    """Yield calls that use what a function was given, but does not use yet."""
    for name in scope.unused:
        for generator in ["torch", *made_by(scope.function, "Generator")]:
            yield f"{generator}.manual_seed({name})", 3
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
