"""Finds the line: proof.py tries edits, and what they agree on becomes the place in the report."""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tutor.problem import Place, Problem
from tutor.runner import worker_environment
from tutor.source import Source

PROOF = Path(__file__).with_name("proof.py")
LONGEST_RANGE = 4
RESTARTS = 8


def prove(check: Path, source: Source, failed: int, seconds: float) -> list[dict]:
    """Try edits for a while, and return those that mend the fact.

    Args:
        check: the check's file.
        source: the learner's file.
        failed: the number of the fact that failed.
        seconds: how long to search.

    Returns:
        The events `mended` of proof.py.
    """
    end = time.monotonic() + seconds
    mended, skip = [], 0
    for _ in range(RESTARTS):
        for event in events(check, source.path, failed, skip, end):
            if event["event"] == "done":
                return mended
            if event["event"] == "trying":
                skip = event["number"]
            else:
                mended.append(event)
        if time.monotonic() > end:
            break
        skip += 1  # the next edit got stuck and took the process with it
    return mended


def events(check: Path, file: Path, failed: int, skip: int, end: float) -> Iterator[dict]:
    """Run proof.py, and yield what it says until it is done or the time is over."""
    command = [sys.executable, str(PROOF), str(check), str(file), str(failed), str(skip)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=worker_environment(),
        encoding="utf-8",
    )
    lines: queue.Queue = queue.Queue()

    def read() -> None:
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        while (line := lines.get(timeout=max(0.01, end - time.monotonic()))) is not None:
            yield json.loads(line)
    except queue.Empty:
        pass
    finally:
        process.kill()
        process.wait()


def verdict(
    problem: Problem, mended: list[dict], source: Source, failed: int, facts: int
) -> Problem:
    """Put the place on which the edits agree into a problem.

    Args:
        problem: as the check found it, with a line only if that line raised or hung.
        mended: the edits that mend the failed fact.
        source: the learner's file.
        failed: the number of the fact that failed.
        facts: how many facts there are.
    """
    if not mended:
        return problem
    reach = max(event["reach"] for event in mended)
    best = [event for event in mended if event["reach"] == reach]
    cost = min(event["cost"] for event in best)
    best = [event for event in best if event["cost"] == cost]
    lines = sorted({event["line"] for event in best})
    first = best[0]
    if len(lines) == 1:
        place = source.place(lines[0])
        place.after = all(event["inserts"] for event in best)
    elif lines[-1] - lines[0] < LONGEST_RANGE:
        place = replace(source.place(lines[0]), text="", last=lines[-1])
    else:
        return problem
    return replace(problem, place=place, hint=first["hint"], fix=first["diff"])


def is_function(place: Place | None) -> bool:
    """Tell whether a place is a whole function, so that a line would say more."""
    return place is None or bool(place.last)
