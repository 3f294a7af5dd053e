"""Finds the line: proof.py tries edits, and what they agree on becomes the place in the report."""

import ast
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TextIO

from tutor import blame
from tutor.edits.missing import GUARD_COST
from tutor.facts import facts_of
from tutor.problem import ROOT, Place, Problem, short
from tutor.runner import run, worker_environment
from tutor.source import NotAProgram, Source, read
from tutor.worker import load_check

PROOF = Path(__file__).with_name("proof.py")
MOST_LINES = 4
SECONDS = 8.0
SECONDS_OF_TRAINING = 25.0
START_SECONDS = 60.0
STUCK_SECONDS = 2.0
PROCESSES = 2
BUSY = 3


def prove(check: Path, source: Source, failed: int, raised: int, seconds: float) -> list[dict]:
    """Try edits for a while on two cores, and return those that mend the fact.

    Args:
        check: the check's file.
        source: the learner's file.
        failed: the number of the fact that failed.
        raised: the line that raised or hung, or 0.
        seconds: how long to search.

    Returns:
        The events `mended` of proof.py.
    """
    search = Search(check, source.path, failed, raised, seconds, time.monotonic() + BUSY * seconds)
    threads = [threading.Thread(target=search.run, args=(first,)) for first in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return search.mended


@dataclass
class Search:
    """One search for the line, shared by several processes."""

    check: Path
    file: Path
    failed: int
    raised: int
    seconds: float
    """Processor time for each process. On a machine with nothing else to do, that is the time."""
    end: float
    mended: list[dict] = field(default_factory=list)
    enough: float = float("inf")
    """The rank of the first edit with which every fact holds. Later ranks need not be tried."""

    def run(self, first: int) -> None:
        """Try every second edit, and begin anew behind an edit that gets stuck."""
        left = self.seconds
        while left > 0 and time.monotonic() < self.end:
            what = [self.check, self.file, self.failed, self.raised, first, PROCESSES, left]
            work = 0.0
            for event in events(what, self.end):
                kind = event["event"]
                if kind == "done" or event.get("rank", 0) > self.enough:
                    return
                if kind == "tried":
                    first, work = event["next"], event["work"]
                elif kind == "mended":
                    self.mended.append(event)
                    if event["complete"]:
                        self.enough = min(self.enough, event["rank"])
            first += PROCESSES
            left -= work + STUCK_SECONDS


def events(arguments: list, end: float) -> Iterator[dict]:
    """Run proof.py, and yield what it says until it is done, the time is over, or it is stuck."""
    with tempfile.TemporaryDirectory(prefix="mini-gpt-") as folder:
        process = subprocess.Popen(
            [sys.executable, str(PROOF), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=worker_environment() | {name: folder for name in ("TMPDIR", "TEMP", "TMP")},
            cwd=folder,  # whatever an edit writes is gone with it
            encoding="utf-8",
        )
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=forward, args=(process.stdout, lines), daemon=True).start()
        patience = START_SECONDS
        try:
            while line := lines.get(timeout=max(0.0, min(patience, end - time.monotonic()))):
                event = json.loads(line)
                patience = event.get("patience", patience)
                yield event
        except queue.Empty:
            return
        finally:
            process.kill()
            process.wait()


def forward(stream: TextIO, lines: queue.Queue) -> None:
    """Put the lines of a process into a queue, and an empty one behind the last."""
    for line in stream:
        if line.endswith("\n"):
            lines.put(line)
    lines.put("")


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
    if problem.got == "None" and (place := missing_return(problem, source)):
        return replace(problem, place=place, hint="the function ends without a return")
    if (name := blame.culprit(Path(check.__file__), file, check.MODULE, failed)) is not None:
        return earlier_problem(name, problem)
    seconds = SECONDS_OF_TRAINING if check.MODULE == "trainer" else SECONDS
    here = problem.place is not None and problem.place.file == short(file)
    raised = problem.place.line if here and not problem.place.last else 0
    mended = prove(Path(check.__file__), source, failed, raised, seconds)
    return verdict(problem, mended, source, len(facts_of(check)))


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


def missing_return(problem: Problem, source: Source) -> Place | None:
    """Return the end of the function, if it gave None because it has no return with a value."""
    node = source.functions().get(problem.place.function if problem.place else "")
    if node is None or any(isinstance(n, ast.Return) and n.value for n in ast.walk(node)):
        return None
    place = source.place(node.end_lineno)
    place.after = True
    return place


def verdict(problem: Problem, mended: list[dict], source: Source, facts: int) -> Problem:
    """Put the place on which the edits agree into a problem.

    An edit is evidence if every fact holds with it. One that leads to a later fact counts where no
    edit leads further: then there are two mistakes, and this is the first. A line that raised is
    itself evidence, so only an edit that mends everything takes its place. Not so a line that says
    `raise`: it does what it was told to.
    """
    reach = max((event["reach"] for event in mended), default=0)
    raised = problem.place is not None and not problem.place.last
    refused = raised and problem.place.text.startswith("raise")
    best = [event for event in mended if event["reach"] == reach]
    cost = min((event["cost"] for event in best), default=GUARD_COST)
    if cost >= GUARD_COST or raised and not refused and reach < facts:
        return problem
    best = [event for event in best if event["cost"] == cost]
    place = common_place(best, source)
    if place is None:
        return problem
    return replace(problem, place=place, hint=best[0]["hint"], fix=best[0]["diff"])


def common_place(edits: list[dict], source: Source) -> Place | None:
    """Return the line on which edits agree, or the few lines of which it must be one."""
    lines = sorted({edit["line"] for edit in edits})
    if len(lines) > MOST_LINES:
        return None
    place, *others = (source.place(line) for line in lines)
    place.after = all(edit["inserts"] for edit in edits)
    place.others = [(other.line, other.text) for other in others]
    return place
