"""The learner's code may print, exit or never end. Here each of these is caught, with its line."""

import ast
import faulthandler
import io
import os
import re
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable

from tutor.explain import Frame, line_place, values_at
from tutor.module import is_learners, read_learners
from tutor.problem import Place, Problem

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


def learners_frame(frame: types.FrameType | None) -> types.FrameType | None:
    """Return the innermost frame that runs a learner's file."""
    while frame is not None and not is_learners(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


class Watch:
    """Watches the main thread from a second one, and tells when it works too long.

    Processor time counts, so that a busy machine is not taken for an endless loop. Code that waits
    without working (such as time.sleep) is stopped after ten times as long, and code that never
    returns from C is stopped by faulthandler, which writes the line to standard error.

    Args:
        on_hang: called with the problem; the process ends right after.
    """

    PATIENCE = 10
    LOOKS = 20

    def __init__(self, on_hang: Callable[[Problem], None]):
        self.on_hang = on_hang
        self.watched = threading.get_ident()
        self.limit = float("inf")
        self.work = self.clock = 0.0
        threading.Thread(target=self.look, daemon=True).start()

    def start(self, seconds: float) -> None:
        """Begin to count: from now on, more than this much processor time is a hang."""
        self.work, self.clock, self.limit = time.process_time(), time.monotonic(), seconds
        faulthandler.dump_traceback_later(seconds * (self.PATIENCE + 2), exit=True)

    def stop(self) -> None:
        """Stop counting."""
        self.limit = float("inf")
        faulthandler.cancel_dump_traceback_later()

    def look(self) -> None:
        """Look ten times a second, until it is over."""
        while True:
            time.sleep(0.1)
            waited = time.monotonic() - self.clock
            worked = time.process_time() - self.work
            if worked > self.limit or waited > self.limit * self.PATIENCE:
                self.on_hang(hang(self.looks(), self.limit))
                leave(1)

    def looks(self) -> list[list[Frame]]:
        """Look a few times at the learner's functions that are running, the innermost first."""
        stacks = []
        for _ in range(self.LOOKS):
            frame, stack = sys._current_frames().get(self.watched), []
            while (frame := learners_frame(frame)) is not None:
                stack.append((frame, frame.f_lineno))
                frame = frame.f_back
            stacks.append(stack)
            time.sleep(0.02)
        return stacks


def hang(stacks: list[list[Frame]], seconds: float) -> Problem:
    """Explain a hang: the loop that was running, and what its condition was made of.

    What ends and is called anew by a loop further out is not what hangs: each look must find it.
    """
    problem = Problem("", "an end", f"still busy after {seconds:g} seconds of work: it never ends")
    lasting = [f for f, _ in stacks[0] if all(any(f is g for g, _ in stack) for stack in stacks)]
    if not lasting:
        return problem
    frame = lasting[0]
    lines = [line for stack in stacks for f, line in stack if f is frame]
    line = loop_line(frame.f_code.co_filename, lines)
    problem.place = line_place(frame.f_code.co_filename, line)
    problem.values = values_at(frame, line)
    return problem


def loop_line(filename: str, lines: list[int]) -> int:
    """Return the line of the innermost loop around all these lines, or else the first."""
    source = read_learners(filename)
    loops = [
        node.lineno
        for node in ast.walk(source.tree if source else ast.Module([], []))
        if isinstance(node, ast.While | ast.For)
        and all(node.lineno <= line <= node.end_lineno for line in lines)
    ]
    return max(loops, default=lines[0])


def dumped_place(dump: str) -> Place | None:
    """Find the learner's innermost line in what faulthandler wrote. The innermost is first."""
    for filename, line in re.findall(r'File "(.+)", line (\d+) in ', dump):
        if is_learners(filename):
            return line_place(filename, int(line))
    return None
