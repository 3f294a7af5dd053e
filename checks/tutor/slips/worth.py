"""What a slip is worth: how often it was right, of how many changes that were tried.

`python tools/worth.py` counts it on the known wrong modules, and keeps it in worth.csv.
"""

import csv
import functools
import math
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

KEPT = Path(__file__).with_suffix(".csv")
COLUMNS = ["slip", "tries", "right"]
LEFT_OUT = "MINI_GPT_LEFT_OUT"
"""Names a style whose own mistakes do not count, since it is being measured: tokenizer/golfer."""
TRIES, RIGHT = 1000, 0.5
"""What a slip has before anything is known of it: so many changes, so many of them right."""


@dataclass(frozen=True)
class Worth:
    """The counts of one slip."""

    tries: int = 0
    right: tuple[str, ...] = ()
    """The style of each known mistake that it mends."""

    def bits(self, left_out: str) -> int:
        """Return how rare it is that one of its changes is right, without what one style tells."""
        right = len(self.right) - self.right.count(left_out)
        return round(math.log2((self.tries + TRIES) / (right + RIGHT)))


@functools.cache
def kept() -> dict[str, Worth]:
    """Return what is kept, by the names of the slips."""
    if not KEPT.exists():
        return {}
    with KEPT.open(encoding="utf-8", newline="") as file:
        return {
            row["slip"]: Worth(int(row["tries"]), tuple(row["right"].split()))
            for row in csv.DictReader(file)
        }


def cost_of(slip: str) -> int:
    """Return how unlikely a change of a slip is, in bits: one of 2 ** cost is right."""
    return kept().get(slip, Worth()).bits(os.environ.get(LEFT_OUT, ""))


def keep(tries: Counter, right: dict[str, list[str]]) -> None:
    """Keep the counts of all slips that were tried."""
    with KEPT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for slip in sorted(tries, key=lambda slip: (-len(right.get(slip, [])), slip)):
            writer.writerow([slip, tries[slip], " ".join(sorted(right.get(slip, [])))])
