"""Bounds how long a changed file may run: its loops and functions look at the time."""

import ast
import time

LOOK = "_look_at_the_time_"
LOOPS = (ast.For, ast.AsyncFor, ast.While)
ROUNDS = 16
"""To look at the time takes time, so it is done in every sixteenth round only."""


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

    def look(self) -> None:
        """Raise TooLong if the time is over."""
        self.rounds += 1
        if self.rounds % ROUNDS == 0 and time.process_time() > self.end:
            raise TooLong


def limited(tree: ast.Module) -> ast.Module:
    """Let each loop and function of a file call LOOK first, in every round. Changes the tree."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            part = getattr(node, name, None)
            pending += part if isinstance(part, list) else []
        if isinstance(node, LOOPS + (ast.FunctionDef, ast.AsyncFunctionDef)):
            call = ast.Expr(ast.Call(ast.Name(LOOK, ast.Load()), [], []))
            node.body.insert(0, ast.fix_missing_locations(ast.copy_location(call, node.body[0])))
    return tree
