"""Compares values that a learner's code makes, whatever they are."""

from collections.abc import Callable

LONGEST, MOST_CHARACTERS = 2000, 20_000
"""Longer rows and texts are not compared: it would take too long."""
SIMPLE = (int, float, str, bytes)
ROWS = (list, tuple)
FIXED = (*SIMPLE, tuple)
"""Of what can be changed, an equal copy is another thing."""
NEVER = (TypeError, AttributeError, NameError)
"""Where a change ends with one of these, nobody meant it."""


def outcome(action: Callable[[], object]) -> object:
    """Return what comes out of an action, or the exception that came instead."""
    try:
        return action()
    except Exception as error:
        return error


def is_touchy(value: object) -> bool:
    """Tell whether looking leaves a trace: in an iterator, or a dict that makes what it lacks."""
    return hasattr(type(value), "__next__") or hasattr(type(value), "__missing__")


def is_tensor(value: object) -> bool:
    """Tell whether a value is a tensor or an array."""
    return hasattr(value, "dtype") and hasattr(value, "shape") and hasattr(value, "tolist")


def is_number(value: object) -> bool:
    """Tell whether a value can be calculated with."""
    return is_tensor(value) or isinstance(value, int | float) and not isinstance(value, bool)


def is_alike(one: object, two: object) -> bool:
    """Tell whether two values are of one kind. Tensors have the same number of dimensions too."""
    if is_tensor(one) and is_tensor(two):
        return len(one.shape) == len(two.shape) and one.dtype == two.dtype
    return type(one) is type(two)


def bytes_of(tensor: object) -> bytes:
    """Return the numbers of a tensor or an array as they are kept."""
    array = tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else tensor
    return array.tobytes()


def mark_of(value: object) -> object:
    """Return what is the same for equal values, or None for a value that is not compared."""
    if is_tensor(value):
        return str(value.dtype), tuple(value.shape), hash(bytes_of(value))
    parts = value if isinstance(value, ROWS) else [value]
    if len(parts) > LONGEST or not all(isinstance(part, SIMPLE) for part in parts):
        return None
    code = repr(value)
    return hash(code) if len(code) <= MOST_CHARACTERS else None


def is_same(new: object, value: object) -> bool:
    """Tell whether a change makes no difference, or cannot be meant.

    Args:
        new: what comes out of a change, or the exception that comes instead.
        value: what was there before.
    """
    if isinstance(new, Exception):
        return isinstance(new, NEVER)
    if new is value:
        return True
    mark = mark_of(value) if isinstance(value, FIXED) else None
    return mark is not None and type(new) is type(value) and mark_of(new) == mark
