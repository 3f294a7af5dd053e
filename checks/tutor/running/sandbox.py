"""The learner's code may print, exit or start programs. Here each of these is caught."""

import io
import os
import subprocess
import sys
import types
from pathlib import Path

from tutor.running.explain import line_place
from tutor.running.module import is_learners
from tutor.running.problem import Place

MOST_MEMORY = 3 * 2**30

leave = os._exit  # kept here, because the learner's code gets another one


class Printed(io.TextIOBase):
    """Takes the place of standard output: keeps the first lines, and knows who printed them."""

    KEPT_CHARACTERS = 200

    def __init__(self):
        self.kept = ""
        self.lines = 0
        self.place: Place | None = None

    def writable(self) -> bool:
        """Tell that this stream can be written to."""
        return True

    def write(self, text: str) -> int:
        """Take a text, as print does."""
        if self.place is None:
            frame = learners_frame(sys._getframe())
            self.place = line_place(frame.f_code.co_filename, frame.f_lineno) if frame else None
        self.kept = (self.kept + text)[: self.KEPT_CHARACTERS]
        self.lines += text.count("\n")
        return len(text)


def close_exits() -> None:
    """Turn the ways out of Python that leave no trace into an exception that has a line."""

    def refuse(status: int = 0) -> None:
        raise SystemExit(status)

    os._exit = os.abort = refuse


def close_starts() -> None:
    """Refuse to start other programs: an edit may run what stood behind a condition."""

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError("no other program is started while edits are tried")

    class Refused(subprocess.Popen):
        def __init__(self, *arguments: object, **options: object):
            refuse()

    subprocess.Popen = Refused
    starts = ("system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile")
    kinds = ("execv", "execve", "execvp", "execvpe", "spawnv", "spawnve", "spawnvp", "spawnvpe")
    for name in starts + kinds:
        if hasattr(os, name):
            setattr(os, name, refuse)


def bound_memory() -> None:
    """Let a change that collects without end run into a MemoryError, where the system can do so.

    What is taken already does not count: PyTorch alone may take more than a change ever should.
    """
    try:
        import resource
    except ImportError:  # Windows has no such bound
        return
    most = MOST_MEMORY + memory_taken(resource.getpagesize())
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def memory_taken(page: int) -> int:
    """Return how many bytes of addresses this process has taken, where the system tells."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * page
    except OSError:  # macOS does not tell, and does not hold on to this bound either
        return 0


def learners_frame(frame: types.FrameType | None) -> types.FrameType | None:
    """Return the innermost frame that runs a learner's file."""
    while frame is not None and not is_learners(frame.f_code.co_filename):
        frame = frame.f_back
    return frame
