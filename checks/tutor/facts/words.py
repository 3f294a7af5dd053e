"""The words in which a check states what should be true.

A fact is a function `test_...(lab)`. Its docstring is its title. It ends quietly, or raises Wrong.
"""

import operator
import re
from collections.abc import Callable

HANG_SECONDS = 10.0
LONG = 1000


class Wrong(Exception):
    """What a fact raises when it does not hold.

    Args:
        called: what was done, as a piece of code or a few words.
        expected: what should have come out.
        got: what came out.
        likely: a cause, only where a test has shown it; or a function that looks for one.
        about: the learner's functions that it shows to be at fault, if others than the fact's.
    """

    def __init__(
        self,
        called: str,
        expected: object,
        got: object,
        likely: str | Callable[[], str] = "",
        about: tuple[str, ...] = (),
    ):
        self.called = called
        self.expected = expected if isinstance(expected, str) else describe(expected)
        self.got = got if isinstance(got, str) else describe(got)
        self.likely = likely
        self.about = about
        super().__init__(f"called {called}, expected {self.expected}, got {self.got}")


class LeftOut(Exception):
    """What a fact raises where nobody can look at it, such as without a package. It says why."""


def about(
    *names: str,
    seconds: float = HANG_SECONDS,
    needs: tuple[str, ...] = (),
    searched: bool = True,
) -> Callable:
    """Say which of the learner's functions a fact is about, and how much work it may need.

    Args:
        names: such as "CharTokenizer.encode". The first one is named when the fact fails.
        seconds: processor time after which the fact counts as hanging.
        needs: the other modules of the learner's that it uses, such as "tokenizer".
        searched: whether changes of the file are tried on it. Not where each would take seconds.
    """

    def mark(fact: Callable) -> Callable:
        fact.about, fact.seconds, fact.needs, fact.searched = names, seconds, needs, searched
        return fact

    return mark


def facts_of(check: object) -> list[Callable]:
    """List the facts of a check module, in the order in which they are written."""
    return [fact for name, fact in vars(check).items() if name.startswith("test_")]


def proven(facts: list[Callable], failed: int) -> set[str]:
    """List the functions that facts before the failed one are about, and none behind it."""
    before = {name for fact in facts[: max(0, failed)] for name in fact.about[:1]}
    return before - {name for fact in facts[max(0, failed) :] for name in fact.about}


def title(fact: Callable) -> str:
    """Return the title of a fact: the first line of its docstring."""
    return fact.__doc__.strip().splitlines()[0]


def describe(value: object) -> str:
    """Describe any value in a few words: short ones in full, tensors by their shape."""
    if type(value).__module__.split(".")[0] == "torch" and hasattr(value, "shape"):
        kind = str(value.dtype).removeprefix("torch.")
        if value.numel() <= 8:
            return f"{value.tolist()} ({kind}, shape {tuple(value.shape)})"
        return f"a tensor of shape {tuple(value.shape)}, {kind}"
    try:  # of a long one, its beginning will do
        text = repr(value[:LONG] if isinstance(value, list | tuple | str) else value)
    except Exception:
        text = f"a {type(value).__name__}"
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", text)
    return text if len(text) <= 120 else f"{text[:80]} ... (a {type(value).__name__})"


def expect_type(called: str, got: object, kind: type) -> None:
    """Expect a value of a type. A None gets the question that it deserves."""
    if not isinstance(got, kind):
        likely = "a function without a return line returns None" if got is None else ""
        seen = f"{describe(got)}, a {type(got).__name__}" if got is not None else "None"
        raise Wrong(called, f"a {kind.__name__}", seen, likely)


def expect_equal(called: str, got: object, expected: object, causes: dict | None = None) -> None:
    """Expect a plain value, of the same type.

    Args:
        called: what was done.
        got: what came out.
        expected: what should have come out.
        causes: from a likely cause to the wrong value that it leads to.
    """
    expect_type(called, got, type(expected))
    if got != expected:
        likely = [cause for cause, wrong in (causes or {}).items() if wrong == got]
        raise Wrong(called, expected, got, "; ".join(likely))


def expect_ids(called: str, got: object, expected: list[int], causes: dict | None = None) -> None:
    """Expect a list of ids. Whole numbers of any kind will do, such as numpy's."""
    expect_type(called, got, list)
    for id in got:
        try:
            operator.index(id)
        except TypeError:
            likely = f"{describe(id)} is a {type(id).__name__}, not a number"
            raise Wrong(called, f"whole numbers, {expected}", got, likely) from None
    expect_equal(called, got, expected, causes)


def expect_refusal(
    called: str, attempt: Callable[[], object], why: str, kind: type[Exception] = ValueError
) -> None:
    """Expect an exception of a kind. Any other is passed on, with what was expected."""
    expected = f"a {kind.__name__}, because {why}"
    try:
        got = attempt()
    except kind:
        return
    except Exception as error:
        error.expected = expected
        raise
    raise Wrong(called, expected, f"no error, but {describe(got)}")
