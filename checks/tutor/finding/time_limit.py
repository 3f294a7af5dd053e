"""Bounds how long a changed file may run: its loops and functions look at the time."""

import ast
import faulthandler
import threading
import time
from collections.abc import Callable

LOOK = "_look_at_the_time_"
LOOPS = (ast.For, ast.AsyncFor, ast.While)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ROUNDS = 4
"""To look at the time takes time, so it is done in every fourth round only."""


class TooLong(BaseException):
    """A change made the code run on and on. No `except Exception` of the learner's catches it."""


class TimeLimit:
    """Stops code that works for too long, in processor time: a busy machine does not count."""

    def __init__(self):
        self.end = float("inf")
        self.rounds = 0

    def allow(self, seconds: float) -> None:
        """Allow so many seconds of processor time from now on."""
        self.end = time.process_time() + seconds

    def look(self) -> bool:
        """Raise TooLong if the time is over. Otherwise go on: the answer is always True."""
        self.rounds += 1
        if self.rounds % ROUNDS == 0 and time.process_time() > self.end:
            raise TooLong
        return True


def limited(tree: ast.Module) -> ast.Module:
    """Let each loop and function of a file call LOOK first, in every round. Changes the tree."""
    for node in list(ast.walk(tree)):
        if isinstance(node, LOOPS + FUNCTIONS):
            node.body.insert(0, look_at(node.body[0], ast.Expr))
        elif isinstance(node, ast.comprehension):
            node.ifs.insert(0, look_at(node.target, lambda call: call))
    return tree


def look_at(place: ast.AST, wrap: Callable) -> ast.AST:
    """Make the call of LOOK, as if it stood where another node stands."""
    call = ast.Call(ast.Name(LOOK, ast.Load()), [], [])
    return ast.fix_missing_locations(ast.copy_location(wrap(call), place))


class Alarm:
    """Ends this process if it works for too long without a round of Python: it has got stuck in C.

    Args:
        leave: ends the process.
    """

    def __init__(self, leave: Callable[[int], object]):
        self.leave = leave
        self.end = float("inf")
        threading.Thread(target=self.wait, daemon=True).start()

    def set(self, seconds: float) -> None:
        """Allow so many seconds of processor time from now on, and ten times as long to wait."""
        self.end = time.process_time() + seconds
        faulthandler.dump_traceback_later(10 * seconds, exit=True)

    def wait(self) -> None:
        """Look ten times a second, until it is over."""
        while time.process_time() < self.end:
            time.sleep(0.1)
        self.leave(1)
