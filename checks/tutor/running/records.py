"""What crosses a process border: one typed record for each thing that happens, as a line of JSON.

The process that runs the facts says Started, Owner, Doing, Holds, LeavesOut, Fails, Unwritten,
Printed, Done.
"""

import json
from dataclasses import dataclass, field

from tutor.running.problem import Place, Problem

KINDS: dict[str, type] = {"Place": Place, "Problem": Problem}


def record(kind: type) -> type:
    """Let a class cross the border: its fields are plain values, places and problems."""
    kind = dataclass(frozen=True)(kind)
    KINDS[kind.__name__] = kind
    return kind


def to_line(value: object) -> str:
    """Write a record as one line."""
    return json.dumps(value, default=lambda part: {"kind": type(part).__name__} | vars(part)) + "\n"


def from_line(line: str) -> object:
    """Read what to_line wrote."""

    def build(values: dict) -> object:
        return KINDS[values.pop("kind")](**values) if "kind" in values else values

    return json.loads(line, object_hook=build)


@record
class Started:
    """The facts begin."""

    facts: int


@record
class Owner:
    """The file is loaded, and this is whose code it is."""

    owner: str


@record
class Doing:
    """Something takes time."""

    text: str


@record
class Holds:
    """A fact holds."""

    title: str
    shown: list[str]
    remarks: list[str]


@record
class LeavesOut:
    """A fact cannot be looked at here, and why."""

    title: str
    why: str


@record
class Fails:
    """A fact does not hold. The number is -1 where the file could not even be loaded."""

    title: str
    number: int
    problem: Problem
    needs: list[str] = field(default_factory=list)
    """The other modules of the learner's that the fact uses: one of them may be to blame."""
    searched: bool = True
    """Whether changes of the file can be tried, to find the line at fault."""


@record
class Unwritten:
    """A function is not written yet."""

    place: Place


@record
class Printed:
    """The learner's code printed something."""

    lines: int
    text: str
    place: Place


@record
class Done:
    """The process has said all that it had to say."""
