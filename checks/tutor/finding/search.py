"""Lets processes try changes of a file, and hears which of them help.

What is tried is a fixed list in a fixed order. So the same file gets the same report, however many
processes share the work, and whatever else the machine does.
"""

import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tutor.finding.mends import TOGETHER, Mend, Planned, Tried
from tutor.running.parent import surroundings
from tutor.running.records import Done, from_line
from tutor.running.source import Source

CHILD = Path(__file__).with_name("search_child.py")
PROCESSES = int(os.environ.get("MINI_GPT_PROCESSES") or min(4, os.cpu_count() or 1))
"""How many processes share the work. It changes how long a search takes, and nothing else."""
MOST_RESTARTS = 50


@dataclass
class Search:
    """One search for changes that help.

    Args:
        check: the check's file.
        source: the learner's file.
        failed: the number of the fact that failed, or -1 if the file could not be loaded.
        raised: the line that raised or hung, or 0.
        progress: told how many changes were tried, and how many there are.
        processes: how many share the work.
    """

    check: Path
    source: Source
    failed: int
    raised: int = 0
    progress: Callable[[int, int], None] = lambda tried, planned: None
    processes: int = PROCESSES
    mends: list[Mend] = field(default_factory=list)
    crash: str = ""
    """What a process of ours said when it died, through a fault of ours."""
    stopped: bool = False
    """Ctrl-C ended the search."""
    tried: int = 0
    planned: int = 0
    heard: queue.Queue = field(default_factory=queue.Queue)

    def run(self) -> list[Mend]:
        """Search, and return the changes that help, the likely ones first.

        Those far behind the first one with which every fact holds are left out: they say no more.
        """
        with tempfile.TemporaryDirectory(prefix="mini-gpt-", ignore_cleanup_errors=True) as folder:
            workers: list[Worker] = []
            try:
                for number in range(self.processes):
                    workers.append(Worker(self, number, Path(folder)))
                while any(worker.is_running for worker in workers):
                    self.hear(*self.heard.get())
            except KeyboardInterrupt:
                self.stopped = True
            finally:
                for worker in workers:
                    worker.end()
        return sorted((m for m in self.mends if m.rank <= self.enough), key=lambda m: m.number)

    @property
    def enough(self) -> float:
        """The rank up to which changes are tried, once every fact holds with one."""
        ranks = (mend.weight + TOGETHER for mend in self.mends if mend.complete)
        return min(ranks, default=float("inf"))

    def hear(self, worker: "Worker", record: object) -> None:
        """Take what a worker says. None means that it has ended."""
        if isinstance(record, Planned):
            self.planned = record.changes
        elif isinstance(record, Mend):
            self.mends.append(record)
        elif isinstance(record, Tried):
            self.tried += 1
            worker.next = record.number + self.processes
            self.progress(self.tried, self.planned)
            if record.rank > self.enough:
                worker.end()
        elif isinstance(record, Done):
            worker.end()
        elif record is None and worker.is_running:
            self.crash = worker.restart() or self.crash


class Worker:
    """One search process, and the thread that hears it.

    Args:
        search: where its records go.
        first: the number of the first change that it tries.
        folder: where it runs: whatever a change writes is gone with it.
    """

    def __init__(self, search: Search, first: int, folder: Path):
        self.search = search
        self.next = first
        self.folder = folder
        self.restarts = 0
        self.is_running = True
        self.start()

    def start(self) -> None:
        """Start the process with the next change."""
        search = self.search
        what = [CHILD, search.check, search.source.path, search.failed, search.raised]
        temporary = {name: str(self.folder) for name in ("TMPDIR", "TEMP", "TMP")}
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, *map(str, [*what, self.next, search.processes])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=surroundings() | temporary,
            cwd=self.folder,
            encoding="utf-8",
            errors="replace",
        )
        self.thread = threading.Thread(target=self.listen, args=(self.process,), daemon=True)
        self.thread.start()

    def listen(self, process: subprocess.Popen) -> None:
        """Hand on what a process says, and at last that it has ended."""
        with process.stdout:
            try:
                for line in process.stdout:
                    if line.endswith("\n"):
                        self.search.heard.put((self, from_line(line)))
            except ValueError:  # a change wrote where only records belong
                process.kill()
        self.search.heard.put((self, None))

    def restart(self) -> str:
        """Begin anew behind the change that ended the process. Returns what was our fault."""
        self.process.wait()
        self.errors.seek(0)
        said = self.errors.read().decode("utf-8", "replace").strip()
        self.errors.close()
        self.restarts += 1
        if "Traceback" in said or self.restarts > MOST_RESTARTS:
            self.end()
            return said.splitlines()[-1] if said else "it ended again and again"
        self.next += self.search.processes
        self.start()
        return ""

    def end(self) -> None:
        """End the process, if it still runs."""
        self.is_running = False
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.errors.close()
