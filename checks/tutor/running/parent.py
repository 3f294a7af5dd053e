"""Starts the process that runs the facts, and hears what it says."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tutor.running.problem import Problem
from tutor.running.records import Done, Fails, from_line
from tutor.running.watch import dumped_place

CHILD = Path(__file__).with_name("child.py")


def run(
    check: Path, file: Path | None = None, borrowed: str = "", folder: Path | None = None
) -> Iterator[object]:
    """Run a check on a file in a process of its own. Without one, its facts import what they need.

    Args:
        check: the check's file.
        file: the learner's file, or none.
        borrowed: a module of mini_gpt that the reference stands in for.
        folder: where the process runs. None means here.

    Yields:
        The records of child.py. If the process dies, a last Fails tells so.
    """
    command = [sys.executable, "-X", "faulthandler", CHILD, check, file or "", borrowed]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=surroundings(),
            cwd=folder,
            encoding="utf-8",
        )
        ended = False
        with process:
            for line in process.stdout:
                record = from_line(line)
                ended = isinstance(record, Done | Fails)
                yield record
        if not ended:
            errors.seek(0)
            yield death(process.returncode, errors.read().decode("utf-8", "replace"))


def surroundings() -> dict[str, str]:
    """Return the environment of a process, with which it says the same everywhere.

    One thread computes the same numbers on each machine, and a set of texts has one order.
    """
    return os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def death(status: int, dump: str) -> Fails:
    """Explain why the process died without a word."""
    if "Timeout" in dump:
        got = "still busy: it never ends"
    else:
        got = f"Python itself stopped, with exit status {status}"
    problem = Problem("", "an end", got, dumped_place(dump))
    if problem.place is None and dump.strip():
        problem.got += f" ({dump.strip().splitlines()[-1]})"
    return Fails("", -1, problem)
