"""Searches for edits that mend a file: proof.py tries them in processes of its own."""

import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tutor.prover import STUCK_SECONDS
from tutor.runner import worker_environment
from tutor.source import Source

PROOF = Path(__file__).with_name("proof.py")
START_SECONDS = 60.0
PROCESSES = 2
BUSY = 1.5


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
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        search.end = 0.0
        raise
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
                if kind == "done" or event.get("rank", self.enough) > self.enough:
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
    with tempfile.TemporaryDirectory(prefix="mini-gpt-", ignore_cleanup_errors=True) as folder:
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
        forwarder = threading.Thread(target=forward, args=(process.stdout, lines), daemon=True)
        forwarder.start()
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
            forwarder.join()


def forward(stream: TextIO, lines: queue.Queue) -> None:
    """Put the lines of a process into a queue, and an empty one behind the last."""
    with stream:
        for line in stream:
            if line.endswith("\n"):
                lines.put(line)
    lines.put("")
