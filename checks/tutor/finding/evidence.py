"""What the changes that help agree on: a line, a few lines, or nothing that could be said."""

import re
from collections import defaultdict

from tutor.finding.mends import TOGETHER, Mend
from tutor.running.problem import Place, Problem
from tutor.running.source import Source
from tutor.slips.moves import EXCHANGED

MOST_LINES = 4
WORDS = re.compile(r"\w+")
SETS = re.compile(r"\s*(self\.)?[\w.\[\]]+ ([-+*]?=)(?!=)")
USUAL = [(".step()", "backward", ""), (".backward()", "", "step"), (".zero_grad()", "", "backward")]
"""Of a training step: a statement, and what stands in the lines before and behind it."""


def stopped_at(problem: Problem) -> str:
    """Return the line of the learner's at which Python stopped, or "" if it did not stop."""
    return problem.place.text if problem.place and not problem.place.last else ""


def refusal_was_due(problem: Problem) -> bool:
    """Tell whether a ValueError was expected, so that an exception of another kind came instead."""
    return "ValueError" in problem.expected


def evidence(mended: list[Mend], reach: int) -> list[Mend]:
    """Choose the edits that show where the mistake is: those that lead so far, and are likeliest.

    One that leaves idle what the file used before goes around the mistake, and shows nothing.
    """
    best = [edit for edit in mended if edit.reach == reach and not edit.idle]
    least = min((edit.weight for edit in best), default=0)
    return [edit for edit in best if edit.weight <= least + TOGETHER]


def agreed(edits: list[Mend], source: Source) -> list[Mend]:
    """Leave out the edits that say the same again.

    The same statement can often be added at several places of a function. Then one will do: the
    usual place, or else, of those that are indented least, the first beside lines that do alike and
    speak of the same. So it is with several statements at the same place. And where a line is
    missing, an edit of the line before or behind the gap may help as well. In several functions,
    none inside another, the same statement counts as one where its usual place is known.
    """
    if is_between(edits, source):
        return [min(edits, key=lambda edit: edit.line)]
    groups = defaultdict(list)
    for edit in (edit for edit in edits if edit.inserts):
        groups["".join("".join(edit.diff).split())].append(edit)
    added = [edit for group in groups.values() for edit in one_place(group, source)]
    rest = [edit for edit in edits if not edit.inserts]
    if len({edit.line for edit in added}) != 1:
        return [*added, *rest]
    beside = {added[0].line, source.code_line_after(added[0].line)}
    return added[:1] if {edit.line for edit in rest} <= beside else [added[0], *rest]


def one_place(added: list[Mend], source: Source) -> list[Mend]:
    """Return the one of the places for a statement that counts, or all of them."""
    first = min(added, key=lambda edit: customary(edit, source))
    return added if len(outermost(added, source)) > 1 and not is_usual(first, source) else [first]


def is_between(edits: list[Mend], source: Source) -> bool:
    """Tell whether a line may change places with the one before it, or with the one behind it.

    Then it is the one that stands wrong. An exchange names the second of its two lines.
    """
    lines = sorted({edit.line for edit in edits})
    exchanged = all(edit.slip == EXCHANGED for edit in edits)
    return exchanged and len(lines) == 2 and source.code_line_after(lines[0]) == lines[1]


def outermost(edits: list[Mend], source: Source) -> set[str]:
    """Return the functions in which edits are, without those inside another of them."""
    functions = {source.function_at(edit.line) for edit in edits}
    return {one for one in functions if not any(one.startswith(f"{two}.") for two in functions)}


def common_place(edits: list[Mend], source: Source) -> Place | None:
    """Return the line on which edits agree, or the few lines of which it must be one."""
    lines = sorted({edit.line for edit in edits})
    if len(lines) > MOST_LINES:
        return None
    place, *others = (source.place(line) for line in lines)
    place.after = all(edit.inserts for edit in edits)
    place.others = [(other.line, other.text) for other in others]
    return place


def customary(edit: Mend, source: Source) -> tuple[bool, int, int, int, int]:
    """Return by what places for the same statement are sorted: the usual one comes first."""
    added, around = edit.diff[0], lines_around(edit, source)
    common = set(WORDS.findall(" ".join(around))) & set(WORDS.findall(added))
    alike = any(kind_of(line) == kind_of(added[1:]) for line in around)
    return not is_usual(edit, source), indent_of(added), -alike, -len(common), edit.line


def kind_of(line: str) -> str:
    """Return how a line sets one thing: "self. =", " +=", or "" if it does not."""
    found = SETS.match(line)
    return f"{found[1] or ''} {found[2]}" if found else ""


def is_usual(edit: Mend, source: Source) -> bool:
    """Tell whether a statement of a training step stands where such a statement usually stands."""
    before, after = lines_around(edit, source)
    return any(
        method in edit.diff[0] and re.search(one, before) and re.search(two, after)
        for method, one, two in USUAL
    )


def lines_around(edit: Mend, source: Source) -> tuple[str, str]:
    """Return the lines before and behind an added one."""
    return source.lines[edit.line - 1], source.lines[source.code_line_after(edit.line) - 1]


def indent_of(added: str) -> int:
    """Return how far an added line of a diff is indented."""
    return len(added) - len(added.lstrip("+ \t"))
