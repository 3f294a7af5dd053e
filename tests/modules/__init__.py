"""Modules that are right, in many styles, and what was made wrong in each.

    NN_stem/right/STYLE.py      a correct module: each style is there once
    NN_stem/wrong/STYLE.diff    what was made wrong in it: one wrong module after the other
    NN_stem/styles.csv          was a style looked at while the search was tuned, or is it unseen?

A wrong module is written like this, and a blank line ends it:

    order_sorted: order|first|sort      its name, and the words that the report must say
    also: self.ids = {}                 a line where a repair would be just as right
    -        for ch in text:            a line of the right module that is taken away
    +        for ch in sorted(text):    a line that is put there: the line at fault
    ...                                 here the next place begins, in reading order

A line that begins with a space stays. It is there where a place would not be the only one without.
Where a line is only taken away, both its neighbours in code count as the line at fault. So the line
follows from the change, and cannot be written down wrong.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from mini_gpt.loops import LOOPS, loop_with

FOLDER = Path(__file__).parent
WITH_MODULES = [loop.module for loop in LOOPS if (FOLDER / loop.stem).exists()]
"""The loops of which there are modules here, such as "tokenizer"."""
KNOWN, UNSEEN = "known", "unseen"


@dataclass(frozen=True)
class Wrong:
    """One wrong module: what it starts from, what is changed, and what the report must say."""

    loop: str
    """The module of the loop, such as "tokenizer"."""
    style: str
    name: str
    """Unique in its style."""
    says: str
    """A regular expression that the report must match, upper and lower case alike."""
    also: tuple[str, ...]
    """Other lines of the wrong module, where a repair would be just as right."""
    changes: tuple[tuple[str, ...], ...]
    """One for each place that is changed: rows that begin with "-", "+" or a space."""

    def made(self) -> tuple[str, set[int]]:
        """Return the text of the wrong module, and the numbers of the lines at fault."""
        right = right_module(self.loop, self.style).read_text(encoding="utf-8").split("\n")
        wrong, at_fault, gaps, done = [], set(), [], 0
        for change in self.changes:
            before = [row[1:] for row in change if row[0] != "+"]
            start = only_place(before, right)
            wrong += right[done:start]
            done = start + len(before)
            for old, new in runs(change):
                first, last = len(wrong) + 1, len(wrong) + len(new)
                wrong += new
                if old != new:
                    at_fault |= set(range(first, last + 1))
                    gaps += [] if new else [first]
        wrong += right[done:]
        at_fault = at_fault.union(*(neighbours(gap, wrong) for gap in gaps))
        at_fault |= {n for n, line in enumerate(wrong, 1) if line.strip() in self.also}
        return "\n".join(wrong), at_fault

    def taken_away(self) -> list[list[str]]:
        """Return the lines that are only taken away, without their indentation."""
        every = [run for change in self.changes for run in runs(change)]
        return [[line.strip() for line in old] for old, new in every if not new]


def neighbours(gap: int, lines: list[str]) -> set[int]:
    """Return the numbers of the lines around a gap, up to the first line of code on each side."""
    before, behind = gap - 1, gap
    while before > 1 and is_comment(lines[before - 1]):
        before -= 1
    while behind < len(lines) and is_comment(lines[behind - 1]):
        behind += 1
    return set(range(before, behind + 1))


def is_comment(line: str) -> bool:
    """Tell whether a line is empty, or holds a comment only."""
    return not line.strip() or line.lstrip().startswith("#")


def runs(change: tuple[str, ...]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the parts of a change as (old lines, new lines). They are the same where lines stay."""
    for stays, rows in groupby(change, lambda row: row[0] == " "):
        rows = list(rows)
        old, new = ([row[1:] for row in rows if row[0] in (" ", mark)] for mark in "-+")
        yield old, new


def only_place(part: list[str], lines: list[str]) -> int:
    """Return where lines stand in a file. They must be there once."""
    starts = range(len(lines) - len(part) + 1)
    places = [start for start in starts if lines[start : start + len(part)] == part]
    if len(places) != 1:
        raise ValueError(f"must be there once, is there {len(places)} times: {part}")
    return places[0]


def folder_of(loop: str) -> Path:
    """Return the folder of a loop."""
    return FOLDER / loop_with(loop).stem


def right_module(loop: str, style: str) -> Path:
    """Return the file of a correct module."""
    return folder_of(loop) / "right" / f"{style}.py"


def right_modules(loop: str) -> list[Path]:
    """Return the files of all correct modules of a loop."""
    return sorted(folder_of(loop).glob("right/*.py"))


def wrong_modules(loop: str) -> list[Wrong]:
    """Return all wrong modules of a loop, style by style."""
    files = sorted(folder_of(loop).glob("wrong/*.diff"))
    entries = [(file.stem, entry) for file in files for entry in entries_of(file)]
    return [parsed(loop, style, entry) for style, entry in entries]


def entries_of(file: Path) -> list[list[str]]:
    """Return the lines of each wrong module in a file."""
    parts = file.read_text(encoding="utf-8").strip("\n").split("\n\n")
    return [part.split("\n") for part in parts]


def parsed(loop: str, style: str, entry: list[str]) -> Wrong:
    """Read one wrong module."""
    name, says = entry[0].split(": ", 1)
    also = tuple(line.removeprefix("also: ") for line in entry if line.startswith("also: "))
    rows = entry[1 + len(also) :]
    parts = groupby(rows, lambda row: row == "...")
    changes = tuple(tuple(part) for is_border, part in parts if not is_border)
    return Wrong(loop, style, name, says, also, changes)


def tuning(loop: str) -> dict[str, str]:
    """Tell of each style of a loop whether it is KNOWN or UNSEEN."""
    with (folder_of(loop) / "styles.csv").open(encoding="utf-8", newline="") as file:
        return {row["style"]: row["tuning"] for row in csv.DictReader(file)}
