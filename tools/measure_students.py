"""How general is the catalogue? Let it repair student programs that it was not made for.

python tools/measure_students.py DATA [--every N] [--seconds 20]

DATA is the unpacked data set of the Refactory study (Hu et al. 2019, ASE; github.com/githubhuyang/
refactory, data.zip): 1,783 wrong programs for five exercises of an introduction to Python, with
tests, and with the repairs that Refactory found. None of it is kept here.

A program is repaired if one change of the catalogue makes it pass all tests. The changes are tried
as in a check: the likely ones first, only in lines that ran in the first test that fails. The line
agrees if Refactory's repair changes it too. Refactory was shown all correct programs of the same
exercise; the catalogue was shown none.
"""

import argparse
import ast
import contextlib
import csv
import difflib
import io
import multiprocessing
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from tutor.finding.time_limit import LOOK, TimeLimit, TooLong, limited  # noqa: E402
from tutor.finding.trace import heads, watched, whole  # noqa: E402
from tutor.running import sandbox  # noqa: E402
from tutor.running.source import Source  # noqa: E402
from tutor.slips import candidates  # noqa: E402

MOST = 3000
"""So many changes of a program are tried. A check tries as many."""
RUN_SECONDS = 0.3
"""Longer than all tests of a right program take."""
NAME = "<student>"


@dataclass
class Student:
    """One wrong program.

    Args:
        exercise: such as "question_1".
        text: the program, as the study writes it.
        fixed: the lines that Refactory's repair changes, empty where it found none.
        tests: (expression, what its value looks like as text).
        given: code that the exercise provides.
    """

    exercise: str
    text: str
    fixed: set[int]
    tests: list[tuple[str, str]]
    given: str


def students(data: Path) -> list[Student]:
    """Read all wrong programs of the study."""
    csv.field_size_limit(10**8)
    found = []
    for folder in sorted(data.glob("question_*")):
        tests = tests_in(folder / "ans")
        shared = folder / "code" / "global.py"
        given = shared.read_text("utf-8") if shared.exists() else ""
        with (folder / "refactory_online.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                text, is_repaired = row["Buggy Code"], row["Status"].startswith("success")
                fixed = changed_lines(text, row["Repair"] if is_repaired else text)
                found.append(Student(folder.name, text, fixed, tests, given))
    return found


def tests_in(folder: Path) -> list[tuple[str, str]]:
    """Read what is asked of a program, and what it must answer."""
    inputs = sorted(folder.glob("input_*.txt"))
    outputs = [file.with_name(file.name.replace("input", "output")) for file in inputs]
    codes, values = ([file.read_text("utf-8").strip() for file in row] for row in (inputs, outputs))
    return list(zip(codes, values, strict=True))


def changed_lines(before: str, after: str) -> set[int]:
    """Return the lines that a repair changes or takes away, and those beside what it puts in."""
    old, new = ([line.rstrip() for line in text.split("\n")] for text in (before, after))
    lines = set()
    for kind, start, end, _, _ in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if kind != "equal":
            lines |= set(range(start + 1, end + 1)) or {start, start + 1}
    return lines


class Trial:
    """Runs versions of one program.

    Args:
        student: the program and its tests.
    """

    def __init__(self, student: Student):
        self.student = student
        self.limit = TimeLimit()

    def passed(self, text: str, tests: list[tuple[str, str]]) -> int:
        """Return how many tests a version passes before the first that it does not."""
        names = {LOOK: self.limit.look, "__name__": NAME}
        self.limit.allow(RUN_SECONDS)
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                exec(self.student.given, names)
                exec(compile(limited(ast.parse(text)), NAME, "exec"), names)
            except (Exception, SystemExit, TooLong):
                return 0
            for number, (code, value) in enumerate(tests):
                try:
                    if str(eval(code, names)).strip() != value:
                        return number
                except (Exception, SystemExit, TooLong):
                    return number
        return len(tests)

    def repair(self, seconds: float) -> tuple[str, int]:
        """Look for a change that passes all tests. Returns what came of it, and the line."""
        student, end = self.student, time.process_time() + seconds
        try:
            source = Source(Path(NAME), student.text, ast.parse(student.text))
        except (SyntaxError, ValueError):
            return "no Python", 0
        first = self.passed(student.text, student.tests)
        if first == len(student.tests):
            return "passes already", 0
        failing = student.tests[first]
        order = [failing, *(test for test in student.tests if test is not failing)]
        ran = self.lines_of(source, failing)
        for _, edit in candidates(source, ran, most=MOST):
            if time.process_time() > end:
                return "out of time", 0
            with contextlib.suppress(SyntaxError, ValueError):
                if self.passed(edit.apply(student.text), order) == len(order):
                    return "repaired", edit.line
        return "not repaired", 0

    def lines_of(self, source: Source, test: tuple[str, str]) -> set[int]:
        """Return the lines that run in a test."""
        with watched(NAME) as trace:
            self.passed(source.text, [test])
        return whole(trace.lines, source.tree) | heads(source.tree)


def work(task: tuple[Student, float]) -> tuple[str, str, bool, bool]:
    """Repair one program. Returns its exercise, what came of it, and how the lines agree."""
    student, seconds = task
    warnings.simplefilter("ignore")  # what Python says of a student's odd code
    sandbox.bound_memory()
    verdict, line = Trial(student).repair(seconds)
    return student.exercise, verdict, bool(student.fixed), line in student.fixed


def main() -> None:
    """Repair the programs, and print how many it were."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take each n-th program only")
    parser.add_argument("--seconds", type=float, default=20, help="for one program, default 20")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    tasks = [(student, options.seconds) for student in students(options.data)[:: options.every]]
    verdicts, agree = Counter(), Counter()
    with multiprocessing.Pool(options.processes, maxtasksperchild=1) as pool:
        for exercise, verdict, has_fix, same in pool.imap_unordered(work, tasks):
            verdicts[exercise, verdict] += 1
            if verdict == "repaired" and has_fix:
                agree[same] += 1
    for (exercise, verdict), number in sorted(verdicts.items()):
        print(f"{exercise}: {verdict} {number}")
    wrong = sum(number for (_, verdict), number in verdicts.items() if verdict != "passes already")
    repaired = sum(number for (_, verdict), number in verdicts.items() if verdict == "repaired")
    print(f"repaired by one change: {repaired} of {wrong} ({repaired / wrong:.1%})")
    print(f"of {agree.total()} that Refactory repaired too, the line agrees in {agree[True]}")


if __name__ == "__main__":
    main()
