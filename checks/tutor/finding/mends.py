"""What a search process says: what it will try, what it has tried, and which change helps."""

from tutor.running.records import record

TOGETHER = 1
"""Proofs whose costs differ by so many bits are worth the same: the counts are no finer."""

REMARKED = 6
"""So many bits less likely is a repair that leaves what the check makes a remark about."""


@record
class Planned:
    """How many changes are going to be tried, by all processes together."""

    changes: int


@record
class Tried:
    """A change was tried. Changes are numbered in the order of their ranks, 0 first."""

    number: int
    rank: int


@record
class Mend:
    """A change with which the failed fact holds."""

    number: int
    rank: int
    line: int
    inserts: bool
    """A statement is added behind the line."""
    slip: str
    """The name of its slip."""
    hint: str
    diff: list[str]
    text: str
    """The whole file with the change."""
    reach: int
    """How many facts hold with it, from the first on."""
    idle: bool
    """It leaves behind what nothing uses any more: it goes around the mistake."""
    complete: bool
    """Every fact holds with it, but for those that take too long to try, and nothing is idle."""
    remarks: int = 0
    """How many remarks the facts make on it."""

    @property
    def weight(self) -> int:
        """How unlikely the repair is, in bits."""
        return self.rank + (REMARKED if self.remarks else 0)
