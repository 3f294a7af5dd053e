"""Bounds how long an edited file may run: its loops and functions count their rounds."""

import ast
import time

COUNTER = "_count_a_round_"
LOOPS = (ast.For, ast.AsyncFor, ast.While)


class TooLong(BaseException):
    """An edit made the code run on and on. No `except Exception` of the learner's may catch it."""


class Rounds:
    """Stops code that works for too long. It looks whenever a loop or a function begins a round."""

    def __init__(self):
        self.end = float("inf")

    def allow(self, seconds: float) -> None:
        """Allow so many seconds of processor time from now on."""
        self.end = time.process_time() + seconds

    def count(self) -> None:
        """Raise TooLong if the time is over."""
        if time.process_time() > self.end:
            raise TooLong


def counted(tree: ast.Module) -> ast.Module:
    """Let each loop and function of a file call COUNTER first, in every round. Changes the tree."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            part = getattr(node, name, None)
            pending += part if isinstance(part, list) else []
        if isinstance(node, LOOPS + (ast.FunctionDef, ast.AsyncFunctionDef)):
            call = ast.Expr(ast.Call(ast.Name(COUNTER, ast.Load()), [], []))
            node.body.insert(0, ast.fix_missing_locations(ast.copy_location(call, node.body[0])))
    return tree
