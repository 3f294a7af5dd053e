"""What the changes that help agree on: a line, a few lines, or nothing that could be said."""

import re

from tutor.finding.mends import Mend
from tutor.running.problem import Place, Problem
from tutor.running.source import Source

MOST_LINES = 4
WORDS = re.compile(r"\w+")
USUAL = [(".step()", "backward", ""), (".backward()", "", "step"), (".zero_grad()", "", "backward")]
"""Of a training step: a statement, and what stands in the lines before and behind it."""


def stopped_at(problem: Problem) -> str:
    """Return the line of the learner's at which Python stopped, or "" if it did not stop."""
    return problem.place.text if problem.place and not problem.place.last else ""


def refusal_was_due(problem: Problem) -> bool:
    """Tell whether a ValueError was expected, so that an exception of another kind came instead."""
    return "ValueError" in problem.expected


def evidence(problem: Problem, mended: list[Mend], facts: int) -> list[Mend]:
    """Choose the edits that show where the mistake is, the likeliest first.

    An edit is evidence if every fact holds with it. One that leads to a later fact counts where no
    edit leads further: then there are two mistakes, and this is the first. A line that raised is
    itself evidence, so only an edit that mends everything takes its place. Not so a line that says
    `raise`: it does what it was told to. Nor one that raised where a refusal was due.
    """
    reach = max((edit.reach for edit in mended), default=0)
    best = sorted((e for e in mended if e.reach == reach), key=lambda edit: edit.cost)
    stopped = stopped_at(problem)
    refused = stopped.startswith("raise") or refusal_was_due(problem)
    if not best or stopped and not refused and reach < facts:
        return []
    return [edit for edit in best if edit.cost == best[0].cost]


def agreed(edits: list[Mend], source: Source) -> list[Mend]:
    """Leave out the edits that say the same again.

    The same statement can often be added at several places of a function. Then one will do: of
    those that are indented least, the first beside a line that speaks of the same. And where a line
    is missing, an edit of the line before or behind the gap may help as well.
    """
    added = [edit for edit in edits if edit.inserts]
    same = {("".join("".join(e.diff).split()), source.function_at(e.line)) for e in added}
    if len(same) != 1:
        return edits
    first = min(added, key=lambda edit: customary(edit, source))
    rest = [edit for edit in edits if not edit.inserts]
    beside = {first.line, source.code_line_after(first.line)}
    return [first] if {edit.line for edit in rest} <= beside else [first, *rest]


def common_place(edits: list[Mend], source: Source) -> Place | None:
    """Return the line on which edits agree, or the few lines of which it must be one."""
    lines = sorted({edit.line for edit in edits})
    if len(lines) > MOST_LINES:
        return None
    place, *others = (source.place(line) for line in lines)
    place.after = all(edit.inserts for edit in edits)
    place.others = [(other.line, other.text) for other in others]
    return place


def customary(edit: Mend, source: Source) -> tuple[int, bool, int, int]:
    """Return by what places for the same statement are sorted: the usual one comes first."""
    added = edit.diff[0]
    before, after = (
        source.lines[line - 1] for line in (edit.line, source.code_line_after(edit.line))
    )
    unusual = not any(
        method in added and re.search(one, before) and re.search(two, after)
        for method, one, two in USUAL
    )
    common = set(WORDS.findall(before + " " + after)) & set(WORDS.findall(added))
    return indent_of(added), unusual, -len(common), edit.line


def indent_of(added: str) -> int:
    """Return how far an added line of a diff is indented."""
    return len(added) - len(added.lstrip("+ \t"))
