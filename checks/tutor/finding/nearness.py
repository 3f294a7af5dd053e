"""How far is a change from what failed? The nearest ones are tried first.

Distances are in bits, as the costs of the slips are: by so much rarer is what is right there. They
come from 57 known mistakes, those of lines that ran from 142, and are rounded: docs/diagnosis.md.
"""

import functools
from collections.abc import Callable

from tutor.facts.words import proven
from tutor.finding.trace import Runs
from tutor.running.source import Source
from tutor.slips.edit import Edit

NEAR = 4
"""So many lines around one that raised are beside it."""
HELD, LOADED = 2, 3
"""So far is a line that ran with facts that hold, and one that ran only when the file was loaded.
"""


class Nearness:
    """Tells how near the changes of one file are to one failed fact.

    Args:
        source: the learner's file.
        facts: the facts of the check.
        failed: the number of the one that failed, below 0 if the file could not be loaded.
        raised: the line that raised or hung, or 0.
        runs: which lines ran, and when.
    """

    def __init__(self, source: Source, facts: list[Callable], failed: int, raised: int, runs: Runs):
        self.source = source
        self.runs = runs
        self.about = facts[failed].about if failed >= 0 else ()
        self.right = proven(facts, failed)
        self.raised = range(raised - NEAR, source.end_of_loop(raised) + NEAR + 1) if raised else ()

    def distance(self, edit: Edit) -> int:
        """Tell in bits how far a change is from what failed: from -1, if it is near, up to 4."""
        far, is_about = self.far(edit.line)
        return far + (edit.inserts and not is_about)

    @functools.cache  # noqa: B019 (a process makes one of them)
    def far(self, line: int) -> tuple[int, bool]:
        """Tell how far a line is from what failed, and if the fact that failed is about it.

        It is -1 beside a line that raised, and 3 in a function of which other facts hold. It is 1
        if the fact is about a part first that has another name here, such as Block, not about this.
        A line that ran for the first time with the fact that failed is nearer than others.
        """
        function = self.source.function_at(line)
        is_about = not function or function in self.about
        if line in self.raised:
            return -1, True
        if not is_about and function in self.right:
            return 3, False
        elsewhere = bool(self.about) and self.about[0] not in self.source.functions()
        return max(int(elsewhere and function in self.about), self.ran_before(line)), is_about

    def ran_before(self, line: int) -> int:
        """Tell how far a line is because it ran before, and facts held all the same."""
        if line in self.runs.holding:
            return HELD
        return 0 if line in self.runs.failing else LOADED
