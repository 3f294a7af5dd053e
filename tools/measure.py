"""Measure how true the lines are that the checks name.

    python tools/measure.py              all wrong and right modules (hours)
    python tools/measure.py --write      the same, and keep the results: tools/diagnosis.csv
    python tools/measure.py --every 24   each 24th only, compared with what is kept
    python tools/measure.py --only NAME  one module, one style, or: known, unseen, right
    python tools/measure.py --cases DIR  modules from elsewhere, as DIR/cases.json lists them

cases.json is a list of {"file": ..., "loop": "01_tokenizer", "lines": [12, 13]}: the file, and the
lines at fault, none if it is right. docs/diagnosis.md tells the results.
"""

import argparse
import ast
import csv
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from tutor.finding.diagnosis import Diagnosis  # noqa: E402
from tutor.running.parent import run  # noqa: E402
from tutor.running.problem import Place, Problem  # noqa: E402
from tutor.running.records import Fails, Started  # noqa: E402
from tutor.running.source import Source  # noqa: E402
from tutor.slips.worth import LEFT_OUT  # noqa: E402
from tutor.telling import report  # noqa: E402

from mini_gpt.loops import loop_of, loop_with  # noqa: E402
from tests import modules  # noqa: E402
from tests.modules import KNOWN, UNSEEN, WITH_MODULES  # noqa: E402

VERDICTS = ["exact", "range", "function", "wrong", "missed"]
KEPT = Path(__file__).with_name("diagnosis.csv")
COLUMNS = ["loop", "style", "name", "verdict", "seconds", "slip"]
RIGHT = "right"
SLACK = 0.1
"""By what share of the modules, and one more, a figure may be worse than what is kept."""


@dataclass
class Case:
    """One module to measure."""

    loop: str
    style: str
    name: str
    """What is wrong in it, or "" for a right module."""
    make: Callable[[], tuple[str, set[int]]]
    """Returns its text, and the lines at fault."""
    says: str = ""
    """A regular expression that the report must match."""
    taken_away: list[list[str]] = field(default_factory=list)
    """The lines that a wrong module lacks, without their indentation."""


@dataclass
class Result:
    """What a check said about one module."""

    loop: str
    style: str
    name: str
    verdict: str
    seconds: float
    slip: str = ""
    """The name of the slip that was proven."""
    wordless: bool = False
    """The report does not say what it must. This is counted, but not kept."""


def known_cases(loop: str) -> list[Case]:
    """Return all wrong modules of a loop, then the right ones."""
    wrong = [
        Case(loop, one.style, one.name, one.made, one.says, one.taken_away())
        for one in modules.wrong_modules(loop)
    ]
    right = [
        Case(loop, file.stem, "", lambda file=file: (file.read_text(encoding="utf-8"), set()))
        for file in modules.right_modules(loop)
    ]
    return wrong + right


def cases_in(folder: Path) -> list[Case]:
    """Return the modules that a folder from elsewhere lists in its cases.json."""
    cases = []
    for row in json.loads((folder / "cases.json").read_text(encoding="utf-8")):
        text, lines = (folder / row["file"]).read_text(encoding="utf-8"), set(row["lines"])
        name = Path(row["file"]).stem
        made = (text, lines)
        loop = loop_of(row["loop"]).module
        cases.append(Case(loop, name, name if lines else "", lambda made=made: made))
    return cases


def judge(place: Place | None, lines: set[int], source: Source) -> str:
    """Say what a named place is worth: exact, range (one of a few lines), function or wrong."""
    if place is None or place.last or place.stopped:
        return "function"  # where Python stopped is no line that is named
    named = {place.line, *(line for line, _ in place.others)}
    if place.after:  # between two lines of code, be there a comment or not
        gaps = [range(line + 1, source.code_line_after(line) + 1) for line in named]
        named = named.union(*gaps)
    if not named & lines:
        return "wrong"
    return "range" if place.others else "exact"


def adds_back(fix: list[str], taken_away: list[list[str]]) -> bool:
    """Tell whether a fix adds the very lines that were taken away, be it at another place."""
    return [line[2:].strip() for line in fix if line.startswith("+")] in taken_away


def words_of(failure: Fails, found: Problem, file: Path) -> str:
    """Return the whole report with its hint, but for the name of the file."""
    told = report.failure(failure.title, failure.problem)
    told += report.findings(failure.problem, found) + report.hint(found)
    return "\n".join(told).replace(str(file.resolve()), "")


def measure(case: Case) -> Result:
    """Give one module to its check."""
    check = ROOT / "checks" / f"{loop_with(case.loop).stem}_test.py"
    text, lines = case.make()
    os.environ[LEFT_OUT] = f"{case.loop}/{case.style}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "module.py"
        file.write_text(text, encoding="utf-8")
        started = time.monotonic()
        records = list(run(check, file))
        failure = next((record for record in records if isinstance(record, Fails)), None)
        if not (case.name and failure):
            verdict = ["accepted", "refused", "missed"][2 if case.name else failure is not None]
            return Result(case.loop, case.style, case.name, verdict, seconds_since(started))
        facts = next((record.facts for record in records if isinstance(record, Started)), 0)
        started = time.monotonic()
        found = Diagnosis(check, file, facts).of(failure)
        seconds = seconds_since(started)
        source = Source(file, text, ast.Module([], []))  # it need not be Python
        exact = adds_back(found.fix, case.taken_away)
        verdict = "exact" if exact else judge(found.place, lines, source)
        wordless = not re.search(case.says, words_of(failure, found, file), re.IGNORECASE)
        of = (case.loop, case.style, case.name)
        return Result(*of, verdict, seconds, found.slip, wordless)


def seconds_since(started: float) -> float:
    """Return the seconds since a moment, to the tenth."""
    return round(time.monotonic() - started, 1)


def is_asked_for(case: Case, only: str) -> bool:
    """Tell whether a case has this name or style, or is "known", "unseen" or "right"."""
    kind = modules.tuning(case.loop)[case.style] if case.name else RIGHT
    return only in ("", kind, case.style, case.name)


def kept() -> list[Result]:
    """Return the results that are kept."""
    with KEPT.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Result(**(row | {"seconds": float(row["seconds"])})) for row in rows]


def keep(results: list[Result]) -> None:
    """Keep results, in the place of those of the same modules, in the order of the modules."""
    by_case = {(r.loop, r.style, r.name): r for r in [*kept(), *results]}
    every = [case for loop in WITH_MODULES for case in known_cases(loop)]
    found = [by_case.get((case.loop, case.style, case.name)) for case in every]
    with KEPT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(vars(result) for result in found if result)


def worse(results: list[Result]) -> list[str]:
    """List the figures that are worse than those kept of the same modules."""
    old = {(r.loop, r.style, r.name): r.verdict for r in kept()}
    known = [r for r in results if (r.loop, r.style, r.name) in old]
    before = Counter(old[r.loop, r.style, r.name] for r in known)
    now = Counter(result.verdict for result in known)
    slack = 1 + SLACK * len(known)
    lines = []
    if now["exact"] < before["exact"] - slack:
        lines.append(f"exact lines: {now['exact']}, before {before['exact']}")
    if now["wrong"] > before["wrong"] + slack:
        lines.append(f"wrong lines: {now['wrong']}, before {before['wrong']}")
    for verdict in ("missed", "refused"):
        if now[verdict] > before[verdict]:
            lines.append(f"{verdict}: {now[verdict]}, before {before[verdict]}")
    return lines


def told(results: Iterable[Result]) -> list[Result]:
    """Print each result as it comes, then the sums. Returns them."""
    results = list(map(tell, results))
    count = Counter(result.verdict for result in results)
    sums = [f"{number} {verdict}" for verdict, number in count.most_common()]
    print(", ".join([*sums, f"{sum(result.wordless for result in results)} wordless"]))
    return results


def tell(result: Result) -> Result:
    """Print a result, and return it."""
    what = f"{result.loop} {result.style} {result.name}{' (wordless)' * result.wordless}"
    print(f"{result.verdict:<9}{result.seconds:5.1f} s  {what}", flush=True)
    return result


def main() -> int:
    """Measure, print each result, and keep them or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loop", choices=WITH_MODULES, action="append", help="default: every one")
    parser.add_argument("--every", type=int, default=1, help="take every n-th module only")
    parser.add_argument("--only", default="", help=f"{KNOWN}, {UNSEEN}, {RIGHT}, a style or a name")
    parser.add_argument("--write", action="store_true", help="keep the results in diagnosis.csv")
    parser.add_argument("--cases", type=Path, help="a folder with modules from elsewhere")
    options = parser.parse_args()
    if options.cases:
        told(map(measure, cases_in(options.cases)))
        return 0
    chosen = []
    for loop in options.loop or WITH_MODULES:
        cases = [case for case in known_cases(loop) if is_asked_for(case, options.only)]
        chosen += cases[:: options.every]
    results = told(map(measure, chosen))
    if options.write:
        keep(results)
        return 0
    problems = worse(results)
    print(*(f"worse than before: {line}" for line in problems), sep="\n", end="")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
