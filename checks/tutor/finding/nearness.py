"""How far is a change from what failed? The nearest ones are tried first.

Distances are in bits, as the costs of the slips are: by so much rarer is what is right there. They
come from 57 known mistakes, and are rounded: docs/diagnosis.md.
"""

import functools
from collections.abc import Callable

from tutor.facts.words import proven
from tutor.running.source import Source
from tutor.slips.edit import Edit

NEAR = 4
"""So many lines around one that raised are beside it."""


class Nearness:
    """Tells how near the changes of one file are to one failed fact.

    Args:
        source: the learner's file.
        facts: the facts of the check.
        failed: the number of the one that failed, below 0 if the file could not be loaded.
        raised: the line that raised or hung, or 0.
    """

    def __init__(self, source: Source, facts: list[Callable], failed: int, raised: int):
        self.source = source
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
        """
        function = self.source.function_at(line)
        is_about = not function or function in self.about
        if line in self.raised:
            return -1, True
        if not is_about and function in self.right:
            return 3, False
        elsewhere = bool(self.about) and self.about[0] not in self.source.functions()
        return int(elsewhere and function in self.about), is_about
