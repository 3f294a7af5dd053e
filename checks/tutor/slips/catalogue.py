"""The catalogue: every slip that is tried, with its name, a hint for the learner, and an example.

catalogue.txt holds it, and says how it is written.
"""

import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_suffix(".txt")


@dataclass(frozen=True)
class Slip:
    """One slip.

    Args:
        name: as it stands in the tables of what the slips are worth.
        hint: what the learner may look at.
        before: the pattern, or "" for a slip that is a function or adds a statement.
        after: what takes its place, or the statement that is added.
        guards: what must be so around it.
        example: (code with the slip, code with it mended).
    """

    name: str
    hint: str
    before: str
    after: str
    guards: tuple[str, ...]
    example: tuple[str, str]


def sections() -> list[list[tuple[str, str]]]:
    """Read the catalogue: the sections, each with its rows as (hint, row)."""
    found, hint = [], ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("=="):
            found.append([])
        elif line.startswith(" "):
            found[-1].append((hint, line.strip()))
        elif line and not line.startswith("#"):
            hint = line
    return found


def row(hint: str, line: str, start: str = "") -> Slip:
    """Read a row. Where it is its own example, that stands behind a start, to be a line."""
    line, _, example = (part.strip() for part in line.partition(" e.g. "))
    change, _, guards = line.partition(" when ")
    before, after = change.split(" -> ") if " -> " in change else ("", change)
    pair = example_of(example) if example else own_example(change, start)
    return Slip(line, hint, before, after, tuple(guards.replace(",", " ").split()), pair)


def named(hint: str, line: str) -> Slip:
    """Read a slip that is a function: its name, then an example."""
    name, _, example = line.partition(": ")
    return Slip(name, hint, "", "", (), example_of(example))


def example_of(text: str) -> tuple[str, str]:
    """Read an example."""
    before, _, after = text.partition(" -> ")
    return before.replace(";", "\n"), after.replace(";", "\n")


def own_example(change: str, start: str) -> tuple[str, str]:
    """Return a row as its own example: its capital letters become small ones."""
    before, after = (re.sub(r"\*R\b", "a, 7", half) for half in change.split(" -> "))
    before, after = (re.sub(r"\b[A-SU-Z]\b", lower, half) for half in (before, after))
    return start + before, start + after


def lower(letter: re.Match) -> str:
    """Return the small letter for a capital one."""
    return letter[0].lower()


_inside, _results, _missing, _functions = sections()
EXPRESSION_ROWS = [row(*one, "return ") for one in _inside]
STATEMENT_ROWS = [row(*one) for one in _results]
MISSING_ROWS = [row(*one) for one in _missing]
_every = [*EXPRESSION_ROWS, *STATEMENT_ROWS, *MISSING_ROWS, *(named(*one) for one in _functions)]
SLIPS = {slip.name: slip for slip in _every}
"""All slips by their names."""
