"""Names the layers of a model that are made and never used: in loop 2 the most frequent slip."""

import types
from collections import Counter
from collections.abc import Iterator

from torch import Tensor, nn

Made = nn.Module | nn.Parameter


def unused_layers(model: nn.Module, given: Tensor) -> str:
    """Say which layers of a model have no part in its output, and which are used in their place.

    Args:
        model: or a part of one. Its gradients are lost.
        given: what it takes.

    Returns:
        Such as "`norm_2`: made in Block.__init__ and never used in Block.forward; `norm_1`: used
        twice". Nothing where every layer has a part, or the model cannot be run.
    """
    calls = count_calls(model, given)
    if calls is None:
        return ""
    fates: dict[str, list[str]] = {}
    again = []
    for owner, name, made in idle(model):
        names = fates.setdefault(fate(owner, name, calls[made]), [])
        names += [name] if name not in names else []
        again += used_again(owner, made, calls)
    sentences = [what.format(listed(names)) for what, names in fates.items()]
    return "; ".join([*sentences, *dict.fromkeys(again)])


def count_calls(model: nn.Module, given: Tensor) -> Counter | None:
    """Run a model and go back through it. Returns how often each module of it was called."""
    calls = Counter()
    hooks = [
        module.register_forward_hook(lambda module, *_: calls.update([module]))
        for module in model.modules()
    ]
    model.zero_grad(set_to_none=True)
    try:
        model(given).square().sum().backward()
    except (RuntimeError, TypeError, AttributeError):
        return None
    finally:
        for hook in hooks:
            hook.remove()
    return calls


def idle(model: nn.Module) -> Iterator[tuple[nn.Module, str, Made]]:
    """Yield what no gradient has reached, the largest parts only: (owner, name, part)."""
    for name, made in [*model.named_children(), *model.named_parameters(recurse=False)]:
        inside = [made] if isinstance(made, nn.Parameter) else list(made.parameters())
        if inside and all(parameter.grad is None for parameter in inside):
            yield model, name, made
        elif isinstance(made, nn.Module):
            yield from idle(made)


def fate(owner: nn.Module, name: str, calls: int) -> str:
    """Say what becomes of a layer without a part in the output. {} stands for its name."""
    kind = type(owner)
    here = kind.__name__
    if calls:
        return f"{{}} of {here}: called, but what comes out is lost"
    if name in names_in(kind.__init__) and name not in names_in(kind.forward):
        return f"{{}}: made in {here}.__init__ and never used in {here}.forward"
    return f"{{}} of {here}: never used"


def listed(names: list[str]) -> str:
    """Write names one after the other: `key` and `value`."""
    *others, last = [f"`{name}`" for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def names_in(function: object) -> set[str]:
    """Return the names that a function of the learner's uses, in its inner functions too."""
    pending, names = [getattr(function, "__code__", None)], set()
    while pending:
        code = pending.pop()
        if isinstance(code, types.CodeType):
            names.update(code.co_names)
            pending += code.co_consts
    return names


def used_again(owner: nn.Module, made: Made, calls: Counter) -> Iterator[str]:
    """Say which layers of the same kind are used more than once beside one that is not used."""
    for name, other in owner.named_children():
        times = calls[other] // max(1, calls[owner])
        if other is not made and type(other) is type(made) and times > 1:
            yield f"`{name}`: used {'twice' if times == 2 else f'{times} times'}"
