"""From a failed fact to a line: a missing return, an earlier loop, or a change that mends it."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mini_gpt.loops import Loop, loop_of
from mini_gpt.paths import ROOT
from tutor.finding import blame
from tutor.finding.evidence import agreed, common_place, evidence, refusal_was_due, stopped_at
from tutor.finding.idle import left_idle
from tutor.finding.mends import Mend
from tutor.finding.missing_return import missing_return
from tutor.finding.search import Search
from tutor.running.parent import run
from tutor.running.problem import Place, Problem, short
from tutor.running.records import Fails
from tutor.running.source import NotAProgram, Source, read

MOST_TRAININGS = 3
"""So many changes are tried on a whole training, to see if every fact really holds."""
MOST_FIRST = 2
"""For so many changes that lead further, a second one is looked for that leads to the end."""
NOT_SEARCHED = "No change of a line was tried here: each try would take seconds."


@dataclass
class Diagnosis:
    """Looks for the line of a problem.

    Args:
        check: the check's file.
        file: the learner's file.
        facts: how many facts the check has.
        progress: told how many changes were tried, and how many there are.
    """

    check: Path
    file: Path
    facts: int
    progress: Callable[[int, int], None] = lambda tried, planned: None

    def of(self, failure: Fails) -> Problem:
        """Return the problem of a failed fact, with the place that is proven, if one is."""
        problem = failure.problem
        try:
            source = read(self.file)
        except NotAProgram:
            return problem
        if place := missing_return(problem, source):
            return replace(problem, place=place, hint="the function ends without a return")
        earlier = blame.culprit(self.check, self.file, failure.needs, failure.number)
        if earlier is not None:
            return earlier_problem(earlier, problem, self.progress)
        if not failure.searched:
            return replace(problem, remarks=[NOT_SEARCHED])
        return self.from_changes(failure, source)

    def from_changes(self, failure: Fails, source: Source) -> Problem:
        """Try changes of the file, and name the line on which those that help agree."""
        problem = failure.problem
        here = problem.place is not None and problem.place.file == short(self.file)
        raised = problem.place.line if here and not problem.place.last else 0
        search = Search(self.check, source, failure.number, raised, self.progress)
        mends = search.run()
        best = agreed(self.proven(mends) or self.first_of_two(mends, source), source)
        place = common_place(best, source) if best else None
        problem = replace(problem, remarks=remarks_of(search))
        if place is None:
            return without_refusal(problem, source)
        shown = next(mend for mend in best if mend.line == place.line)
        if stopped_at(problem) and refusal_was_due(problem) and place.after:
            # A refusal in front of the line that raised would help. So would a change of that line.
            behind = source.code_line_after(place.line)
            place = source.place(behind) if behind == problem.place.line else place
        if shown.reach < self.facts:
            problem.remarks.append("This is the first of two mistakes: the other comes next.")
        return replace(problem, place=place, hint=shown.hint, fix=shown.diff, slip=shown.slip)

    def proven(self, mends: list[Mend]) -> list[Mend]:
        """Return the changes with which every fact holds. A training that is a fact runs whole."""
        mends = list(mends)
        best = evidence(mends, self.facts)
        for _ in range(MOST_TRAININGS if loop_of(self.check).trials else 0):
            if not best or self.holds_whole(best[0]):
                break
            mends.remove(best[0])
            best = evidence(mends, self.facts)
        return best

    def first_of_two(self, mends: list[Mend], source: Source) -> list[Mend]:
        """Return a change that mends a first mistake, if a second change mends all the rest.

        That a change leads to a later fact proves nothing by itself: it may do so by accident.
        """
        furthest = max((mend.reach for mend in mends if not mend.idle), default=0)
        for mend in evidence(mends, furthest)[:MOST_FIRST]:
            with tempfile.TemporaryDirectory(prefix="mini-gpt-") as folder:
                file = Path(folder) / self.file.name
                file.write_text(mend.text, encoding="utf-8")
                rest = Search(self.check, read(file), mend.reach, 0, self.progress).run()
            if any(not left_idle(source.text, second.text) for second in self.proven(rest)):
                return [mend]
        return []

    def holds_whole(self, mend: Mend) -> bool:
        """Tell whether every fact holds with a change, those too that take seconds."""
        with tempfile.TemporaryDirectory(prefix="mini-gpt-") as folder:
            file = Path(folder) / "changed.py"
            file.write_text(mend.text, encoding="utf-8")
            records = run(self.check, file, folder=Path(folder))
            return not any(isinstance(record, Fails) for record in records)


def remarks_of(search: Search) -> list[str]:
    """Say what kept a search from its end."""
    counted = f"{search.tried:,} of {search.planned:,} changes"
    remarks = []
    if search.stopped:
        remarks.append(f"You ended the search for the line after {counted}.")
    if search.crash:
        remarks.append(
            f"The search for the line ended early, after {counted}. That is a fault of this"
            f" tutorial, not of yours: {search.crash}"
        )
    return remarks


def without_refusal(problem: Problem, source: Source) -> Problem:
    """Return the problem without a line that says `raise`: what it refuses went wrong earlier."""
    if not stopped_at(problem).startswith("raise"):
        return problem
    return replace(problem, place=source.range_of(problem.place.function) or problem.place)


def earlier_problem(loop: Loop, problem: Problem, progress: Callable) -> Problem:
    """Return the problem of an earlier loop that is the cause of this one."""
    check = ROOT / "checks" / f"{loop.stem}_test.py"
    file = ROOT / "mini_gpt" / f"{loop.module}.py"
    likely = f"with the borrowed {loop.module} this holds, so the mistake is in {short(file)}"
    facts = 0
    for record in run(check, file):
        facts = getattr(record, "facts", facts)
        if isinstance(record, Fails):
            found = Diagnosis(check, file, facts, progress).of(record)
            return replace(found, likely=f"{likely}; {found.likely}".rstrip("; "))
    place = Place(short(file), 1, function=f"the module {loop.module}", last=len(read(file).lines))
    return replace(problem, likely=likely, place=place)
