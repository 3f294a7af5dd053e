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
    for owner, name, made, around in idle(model):
        names = fates.setdefault(fate(owner, name, calls[made]), [])
        names += [name] if name not in names else []
        again += used_again(around, name, made, calls)
    sentences = [f"{listed(names)} {what}" for what, names in fates.items()]
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


def idle(
    owner: nn.Module, around: nn.Module | None = None, path: str = ""
) -> Iterator[tuple[nn.Module, str, Made, nn.Module]]:
    """Yield what no gradient has reached, the largest parts only.

    Args:
        owner: a part of the learner's own, in which to look.
        around: a part of PyTorch's inside it, such as a list of layers, or None.
        path: what the owner calls it, such as "blocks".

    Yields:
        The owner, what the owner calls the layer, the layer, and the part right around it.
    """
    around = around or owner
    for name, made in [*around.named_children(), *around.named_parameters(recurse=False)]:
        name = f"{path}[{name}]" if name.isdigit() else f"{path}.{name}".lstrip(".")
        inside = [made] if isinstance(made, nn.Parameter) else list(made.parameters())
        if inside and all(parameter.grad is None for parameter in inside):
            yield owner, name, made, around
        elif isinstance(made, nn.Module):
            is_own = not type(made).__module__.startswith("torch.")
            yield from idle(made) if is_own else idle(owner, made, name)


def fate(owner: nn.Module, name: str, calls: int) -> str:
    """Say what becomes of a layer without a part in the output, such as "is never used"."""
    kind = type(owner)
    if calls:
        return f"of {kind.__name__} is called, but what comes out is lost"
    if name in names_in(kind.__init__) and name not in names_in(kind.forward):
        return f"is made in {kind.__name__}.__init__ and never used in {kind.__name__}.forward"
    return f"of {kind.__name__} is never used"


def listed(names: list[str]) -> str:
    """Write names one after the other: each of `key`, `value`."""
    texts = ", ".join(f"`{name}`" for name in names)
    return f"each of {texts}" if len(names) > 1 else texts


def names_in(function: object) -> set[str]:
    """Return the names that a function of the learner's uses, in its inner functions too."""
    pending, names = [getattr(function, "__code__", None)], set()
    while pending:
        code = pending.pop()
        if isinstance(code, types.CodeType):
            names.update(code.co_names)
            pending += code.co_consts
    return names


def used_again(around: nn.Module, name: str, made: Made, calls: Counter) -> Iterator[str]:
    """Say which layers of the same kind are used more than once beside one that is not used."""
    for other_name, other in around.named_children():
        times = calls[other] // max(1, calls[around])
        if other is not made and type(other) is type(made) and times > 1:
            where = name[: name.rindex("[")] + f"[{other_name}]" if "[" in name else other_name
            yield f"`{where}` is used {'twice' if times == 2 else f'{times} times'}"
