"""Finds the line: what the edits that mend a file agree on becomes the place in the report."""

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from tutor import blame
from tutor.facts import facts_of
from tutor.problem import ROOT, Place, Problem, short
from tutor.returns import missing_return
from tutor.runner import run
from tutor.search import prove
from tutor.source import NotAProgram, Source, read
from tutor.worker import load_check

MOST_LINES = 4
WORDS = re.compile(r"\w+")
USUAL = [(".step()", "backward", ""), (".backward()", "", "step"), (".zero_grad()", "", "backward")]
"""Of a training step: a statement, and what stands in the lines before and behind it."""
SECONDS = 8.0
SECONDS_OF_TRAINING = 20.0
MOST_TRAININGS = 3


def diagnose(check: ModuleType, file: Path, problem: Problem, failed: int) -> Problem:
    """Look for the line of a problem.

    Args:
        check: the module of the check.
        file: the learner's file.
        problem: as the check found it, with a line only if that line raised or hung.
        failed: the number of the fact that failed, or -1 if the file could not be loaded.

    Returns:
        The problem, with the place that is proven, if one is.
    """
    try:
        source = read(file)
    except NotAProgram:
        return problem
    if place := missing_return(problem, source):
        return replace(problem, place=place, hint="the function ends without a return")
    if (name := blame.culprit(Path(check.__file__), file, check.MODULE, failed)) is not None:
        return earlier_problem(name, problem)
    trains = check.MODULE == "trainer"
    here = problem.place is not None and problem.place.file == short(file)
    raised = problem.place.line if here and not problem.place.last else 0
    seconds = SECONDS_OF_TRAINING if trains else SECONDS
    mended = prove(Path(check.__file__), source, failed, raised, seconds)
    facts = len(facts_of(check))
    best = evidence(problem, mended, facts)
    for _ in range(MOST_TRAININGS if trains else 0):
        if not best or best[0]["reach"] < facts or holds_whole(check, best[0]):
            break
        mended.remove(best[0])
        best = evidence(problem, mended, facts)
    best = agreed(best, source)
    place = common_place(best, source) if best else None
    if place is None:
        return without_refusal(problem, source)
    shown = next(edit for edit in best if edit["line"] == place.line)
    if stopped_at(problem) and refusal_was_due(problem) and place.after:
        # A refusal in front of the line that raised would help. So would a change of that line.
        behind = source.code_line_after(place.line)
        place = problem.place if behind == problem.place.line else place
    return replace(problem, place=place, hint=shown["hint"], fix=shown["diff"])


def without_refusal(problem: Problem, source: Source) -> Problem:
    """Return the problem without a line that says `raise`: what it refuses went wrong earlier."""
    if not stopped_at(problem).startswith("raise"):
        return problem
    return replace(problem, place=source.range_of(problem.place.function) or problem.place)


def stopped_at(problem: Problem) -> str:
    """Return the line of the learner's at which Python stopped, or "" if it did not stop."""
    return problem.place.text if problem.place and not problem.place.last else ""


def refusal_was_due(problem: Problem) -> bool:
    """Tell whether a ValueError was expected, so that an exception of another kind came instead."""
    return "ValueError" in problem.expected


def holds_whole(check: ModuleType, edit: dict) -> bool:
    """Tell whether every fact holds with an edit, those too that take seconds."""
    with tempfile.TemporaryDirectory(prefix="mini-gpt-") as folder:
        file = Path(folder) / "edited.py"
        file.write_text(edit["text"], encoding="utf-8")
        events = run(Path(check.__file__).resolve(), file, folder=Path(folder))
        return all(event["event"] != "fails" for event in events)


def earlier_problem(name: str, problem: Problem) -> Problem:
    """Return the problem of an earlier loop that is the cause of this one."""
    check = Path(__file__).resolve().parents[1] / f"{blame.STEMS[name]}_test.py"
    file = ROOT / "mini_gpt" / f"{name}.py"
    likely = f"with the borrowed {name} this holds, so the mistake is in {short(file)}"
    for event in run(check, file):
        if event["event"] == "fails":
            earlier = Problem.from_dict(event["problem"])
            found = diagnose(load_check(check), file, earlier, event["number"])
            return replace(found, likely=f"{likely}; {found.likely}".rstrip("; "))
    place = Place(short(file), 1, function=f"the module {name}", last=len(read(file).lines))
    return replace(problem, likely=likely, place=place)


def evidence(problem: Problem, mended: list[dict], facts: int) -> list[dict]:
    """Choose the edits that show where the mistake is, the likeliest first.

    An edit is evidence if every fact holds with it. One that leads to a later fact counts where no
    edit leads further: then there are two mistakes, and this is the first. A line that raised is
    itself evidence, so only an edit that mends everything takes its place. Not so a line that says
    `raise`: it does what it was told to. Nor one that raised where a refusal was due.
    """
    reach = max((edit["reach"] for edit in mended), default=0)
    best = sorted((e for e in mended if e["reach"] == reach), key=lambda edit: edit["cost"])
    stopped = stopped_at(problem)
    refused = stopped.startswith("raise") or refusal_was_due(problem)
    if not best or stopped and not refused and reach < facts:
        return []
    return [edit for edit in best if edit["cost"] == best[0]["cost"]]


def agreed(edits: list[dict], source: Source) -> list[dict]:
    """Leave out the edits that say the same again.

    The same statement can often be added at several places of a function. Then one will do: of
    those that are indented least, the first beside a line that speaks of the same. And where a line
    is missing, an edit of the line before or behind the gap may help as well.
    """
    added = [edit for edit in edits if edit["inserts"]]
    same = {("".join("".join(e["diff"]).split()), source.function_at(e["line"])) for e in added}
    if len(same) != 1:
        return edits
    first = min(added, key=lambda edit: customary(edit, source))
    rest = [edit for edit in edits if not edit["inserts"]]
    beside = {first["line"], source.code_line_after(first["line"])}
    return [first] if {edit["line"] for edit in rest} <= beside else [first, *rest]


def common_place(edits: list[dict], source: Source) -> Place | None:
    """Return the line on which edits agree, or the few lines of which it must be one."""
    lines = sorted({edit["line"] for edit in edits})
    if len(lines) > MOST_LINES:
        return None
    place, *others = (source.place(line) for line in lines)
    place.after = all(edit["inserts"] for edit in edits)
    place.others = [(other.line, other.text) for other in others]
    return place


def customary(edit: dict, source: Source) -> tuple[int, bool, int, int]:
    """Return by what places for the same statement are sorted: the usual one comes first."""
    added = edit["diff"][0]
    before, after = (
        source.lines[line - 1] for line in (edit["line"], source.code_line_after(edit["line"]))
    )
    unusual = not any(
        method in added and re.search(one, before) and re.search(two, after)
        for method, one, two in USUAL
    )
    common = set(WORDS.findall(before + " " + after)) & set(WORDS.findall(added))
    return indent_of(added), unusual, -len(common), edit["line"]


def indent_of(added: str) -> int:
    """Return how far an added line of a diff is indented."""
    return len(added) - len(added.lstrip("+ \t"))
