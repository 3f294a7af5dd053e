"""Watches the learner's code while it runs: one that never ends is stopped, and its line named."""

import ast
import faulthandler
import re
import sys
import threading
import time
from collections.abc import Callable

from tutor.running.explain import Frame, line_place, values_at
from tutor.running.module import is_learners, read_learners
from tutor.running.problem import Place, Problem
from tutor.running.sandbox import learners_frame, leave


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
    problem.place = stop_at(frame.f_code.co_filename, line)
    problem.values = values_at(frame, line)
    return problem


def stop_at(filename: str, line: int) -> Place | None:
    """Return a line as the place where the work was stopped: its cause may stand elsewhere."""
    place = line_place(filename, line)
    if place:
        place.stopped = True
    return place


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
            return stop_at(filename, int(line))
    return None
