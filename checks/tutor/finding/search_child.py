"""A search process: it tries changes of the learner's file, in a fixed order, and says which help.

Whatever a change does, it does here: a bad one can end this process, but no other.
"""

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TextIO

CHECKS = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    sys.path[:1] = [str(CHECKS), str(CHECKS.parent)]

import ast  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402

from mini_gpt.loops import loop_of  # noqa: E402
from tutor.facts.words import facts_of  # noqa: E402
from tutor.finding.idle import left_idle  # noqa: E402
from tutor.finding.looking import Looking  # noqa: E402
from tutor.finding.mends import TOGETHER, Mend, Planned, Tried  # noqa: E402
from tutor.finding.nearness import Nearness  # noqa: E402
from tutor.finding.time_limit import Alarm, limited  # noqa: E402
from tutor.finding.trace import Runs  # noqa: E402
from tutor.finding.tryout import LOOKED, NOT_LOADED, SLOW, Tryout  # noqa: E402
from tutor.running import sandbox  # noqa: E402
from tutor.running.child import load_check, open_records  # noqa: E402
from tutor.running.records import Done, to_line  # noqa: E402
from tutor.running.source import Source, read  # noqa: E402
from tutor.slips import all_edits, ranked  # noqa: E402
from tutor.slips.edit import Edit  # noqa: E402
from tutor.slips.rows import ONE_RESULT  # noqa: E402

FIRST = 300
"""So many changes are tried before the values in the file are looked at."""
STUCK_SECONDS = 5.0
"""A change that works for so long without a round of Python has got stuck in C."""


Ranked = tuple[int, Edit]
Distance = Callable[[Edit], int]


class SearchChild:
    """One search process.

    Args:
        check: the check's file.
        source: the learner's file.
        failed: the number of the fact that failed.
        raised: the line that raised or hung, or 0.
        out: where the records go.
    """

    def __init__(self, check: Path, source: Source, failed: int, raised: int, out: TextIO):
        self.loop = loop_of(check)
        self.facts = facts_of(load_check(check))
        self.source = source
        self.out = out
        self.tryout = Tryout(self.loop, self.facts, failed)
        self.raised = raised
        self.alarm = Alarm(sandbox.leave)

    def tell(self, record: object) -> None:
        """Send one record."""
        self.out.write(to_line(record))
        self.out.flush()

    def changes(self) -> Iterator[Ranked]:
        """Yield (rank, change), as many as the loop allows, and say how many there will be.

        The likeliest come first, as they are. Only then are the values in the file looked at, for
        changes that are found by them: that takes a while, and most often it is not needed. The
        ranks never fall, so that all processes stop at the same change.
        """
        failed, source = self.tryout.failed, self.source
        runs = self.tryout.rehearse(source)
        distance = Nearness(source, self.facts, failed, self.raised, runs).distance
        plain = list(ranked(source, all_edits(source, runs.active), distance))
        trains = failed != NOT_LOADED and self.facts[failed].seconds > SLOW
        most = self.loop.trials if trains else self.loop.changes
        self.tell(Planned(len(plain[:most])))
        yield from plain[: min(FIRST, most)]
        if most > FIRST:
            rest = self.rest(plain, runs, distance)[: most - FIRST]
            self.tell(Planned(len(plain[:FIRST]) + len(rest)))
            yield from rest

    def rest(self, plain: list[Ranked], runs: Runs, distance: Distance) -> list[Ranked]:
        """List the changes behind the first ones, by what the values in the file tell."""
        edits = [edit for _, edit in plain]
        looking = self.look(edits, runs)
        left_out = {edit.deed for edit in [*looking.useless(), *edits[:FIRST]]}
        least = plain[:FIRST][-1][0] if plain else 0
        every = ranked(self.source, [*edits, *looking.grown()], distance)
        return [(max(rank, least), edit) for rank, edit in every if edit.deed not in left_out]

    def look(self, edits: list[Edit], runs: Runs) -> Looking:
        """Look at the values in the file while the fact fails."""
        self.alarm.set(STUCK_SECONDS + LOOKED)
        looking = Looking(self.source, runs, edits)
        looking.watch(self.tryout)
        return looking

    def run(self, first: int, step: int) -> None:
        """Try each step-th change from the first on, up to the rank at which one mends all.

        Those that are worth the same are tried too.
        """
        proven = float("inf")
        for number, (rank, edit) in enumerate(self.changes()):
            if rank > proven + TOGETHER:
                break
            if number < first or (number - first) % step:
                continue
            self.alarm.set(STUCK_SECONDS + self.tryout.seconds(max(0, self.tryout.failed)))
            reach = self.try_out(edit)
            if reach > self.tryout.failed:
                mend = self.mend(number, rank, edit, reach)
                proven = min(proven, mend.weight) if mend.complete else proven
                self.tell(mend)
            self.tell(Tried(number, rank))

    def try_out(self, edit: Edit) -> int:
        """Tell how far the file leads with a change."""
        text = edit.apply(self.source.text)
        try:
            tree = limited(ast.parse(text))
        except (SyntaxError, ValueError):
            return NOT_LOADED
        return self.tryout.reach(replace(self.source, text=text, tree=tree))

    def mend(self, number: int, rank: int, edit: Edit, reach: int) -> Mend:
        """Write down a change that helps."""
        text = self.source.text
        changed = edit.apply(text)
        idle = edit.slip != ONE_RESULT and bool(left_idle(text, changed))
        return Mend(
            number=number,
            rank=rank,
            line=edit.line,
            inserts=edit.inserts,
            slip=edit.slip,
            hint=edit.hint,
            diff=edit.diff(text),
            text=changed,
            reach=reach,
            idle=idle,
            remarks=self.tryout.remarks,
            complete=reach == len(self.facts) and not idle,
        )


def main() -> None:
    """Run `search_child.py CHECK FILE FAILED RAISED FIRST STEP`."""
    check, file, *numbers = sys.argv[1:]
    failed, raised, first, step = map(int, numbers)
    out = open_records()
    sys.stdout = sandbox.Printed()
    sandbox.close_exits()
    child = SearchChild(Path(check), read(Path(file)), failed, raised, out)
    sandbox.close_starts()  # from here on the learner's code runs, and changes of it
    sandbox.bound_memory()
    child.run(first, step)
    child.tell(Done())
    sandbox.leave(0)


if __name__ == "__main__":
    main()
