"""Starts the worker process, and hears what it says."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tutor.problem import Problem
from tutor.sandbox import dumped_place

BORROWED = "MINI_GPT_BORROWED"
WORKER = Path(__file__).with_name("worker.py")


def run(
    check: Path, *files: Path, borrowed: str = "", folder: Path | None = None
) -> Iterator[dict]:
    """Run a check on a file in a process of its own. Without one, its facts import what they need.

    Args:
        check: the check's file.
        files: the learner's file, or none.
        borrowed: a module of mini_gpt that the reference stands in for.
        folder: where the process runs. None means here.

    Yields:
        The events of worker.py. If the process dies, a last `fails` event tells so.
    """
    command = [sys.executable, "-X", "faulthandler", str(WORKER), str(check), *map(str, files)]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=worker_environment() | {BORROWED: borrowed},
            cwd=folder,
            encoding="utf-8",
        )
        ended = False
        with process:
            for line in process.stdout:
                event = json.loads(line)
                ended = event["event"] in ("done", "fails")
                yield event
        if not ended:
            errors.seek(0)
            yield death(process.returncode, errors.read().decode("utf-8", "replace"))


def worker_environment() -> dict[str, str]:
    """Return the environment of a worker: one thread computes the same numbers everywhere."""
    return os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def death(status: int, dump: str) -> dict:
    """Explain why the worker died without a word."""
    if "Timeout" in dump:
        got = "still busy: it never ends"
    else:
        got = f"Python itself stopped, with exit status {status}"
    problem = Problem("", "an end", got, dumped_place(dump))
    if problem.place is None and dump.strip():
        problem.got += f" ({dump.strip().splitlines()[-1]})"
    return {"event": "fails", "title": "", "number": -1, "problem": problem.as_dict()}
