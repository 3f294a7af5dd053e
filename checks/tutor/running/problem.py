"""What went wrong, and where."""

from dataclasses import dataclass, field
from pathlib import Path

from mini_gpt.paths import ROOT


@dataclass
class Place:
    """A place in a file: a line that is proven, or the function in which the mistake must be."""

    file: str
    line: int
    text: str = ""
    """The line as it stands there. Empty where the place is a function."""
    function: str = ""
    last: int = 0
    """The last line of the function. 0 where the place is a line."""
    others: list[tuple[int, str]] = field(default_factory=list)
    """Other lines, with their text, where one change helps just as well."""
    after: bool = False
    """Something is missing after the line."""
    stopped: bool = False
    """Python stopped at the line. What is wrong may stand further up."""


@dataclass
class Problem:
    """One failed fact, in the words of the report."""

    called: str = ""
    expected: str = ""
    got: str = ""
    place: Place | None = None
    values: list[str] = field(default_factory=list)
    """What the names on the line stood for when it failed, such as "q is (2, 3, 5, 8)"."""
    likely: str = ""
    hint: str = ""
    """What to look at, where an edit of the line has been shown to help."""
    slip: str = ""
    """The name of the slip that this edit mends."""
    fix: list[str] = field(default_factory=list)
    """This edit, as the lines of a small diff."""
    remarks: list[str] = field(default_factory=list)
    """What else there is to say, such as that the search was ended."""


def short(path: str | Path) -> str:
    """Write a path as the learner would: from the repository's root where it lies inside."""
    path = Path(path).resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
