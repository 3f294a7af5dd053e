"""Proves a line: small edits of the learner's file are tried, and those that mend it are told.

Runs in a process of its own, so that a bad edit does no harm.
Each edit gets a bounded number of steps. The events: tried, mended (how far an edit leads), done.
"""

import faulthandler
import itertools
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

CHECKS = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(CHECKS), str(CHECKS.parent)]

import ast  # noqa: E402

from tutor import module, sandbox  # noqa: E402
from tutor.edits import candidates  # noqa: E402
from tutor.edits.edit import Edit  # noqa: E402
from tutor.facts import facts_of  # noqa: E402
from tutor.lab import Lab  # noqa: E402
from tutor.source import Source, read  # noqa: E402
from tutor.worker import load_check, open_events, tell  # noqa: E402

MOST_STEPS = 100_000
SLOW = 30.0
STUCK_SECONDS = 4.0
LOADING = -1
NEAR = 4


class TooLong(BaseException):
    """An edit made the code run on and on. No `except Exception` of the learner's may catch it."""


class Tracer:
    """Counts the lines that run in one file, remembers them, and stops a run that never ends.

    Args:
        filename: the learner's file.
    """

    def __init__(self, filename: str):
        self.filename = filename
        self.lines: set[int] = set()
        self.steps = 0

    def run(self, action: Callable[[], None], most: int = MOST_STEPS) -> None:
        """Run an action under this watch. Raises TooLong after so many lines."""
        self.steps = most
        sys.settrace(self.enter)
        try:
            action()
        finally:
            sys.settrace(None)

    def enter(self, frame: types.FrameType, event: str, value: object) -> Callable | None:
        """Watch the functions of the learner's file only."""
        return self.step if frame.f_code.co_filename == self.filename else None

    def step(self, frame: types.FrameType, event: str, value: object) -> Callable:
        """Count one line."""
        self.lines.add(frame.f_lineno)
        self.steps -= 1
        if self.steps < 0:
            raise TooLong
        return self.step


class Prover:
    """Tries edits of one file against the facts of one check.

    Args:
        check: the module of the check.
        source: the learner's file.
        failed: the number of the fact that failed, or LOADING.
        raised: the line that raised or hung, or 0.
    """

    def __init__(self, check: types.ModuleType, source: Source, failed: int, raised: int = 0):
        self.check = check
        self.source = source
        self.facts = facts_of(check)
        self.failed = failed
        self.raised = raised
        self.tracer = Tracer(str(source.path))

    def is_slow(self, number: int) -> bool:
        """Tell whether a fact takes seconds. Such a fact is run only if it failed before."""
        return number != self.failed and self.facts[number].seconds > SLOW

    def order(self) -> list[int]:
        """List the facts: the one that failed first, then the others as they stand."""
        others = [n for n in range(len(self.facts)) if n != self.failed and not self.is_slow(n)]
        return others if self.failed == LOADING else [self.failed, *others]

    def reach(self, source: Source) -> int:
        """Return how far a version of the file leads: the first fact that fails, or their number.

        Below or at the fact that failed before, nothing is won.
        """
        lab = self.load(source)
        if lab is None:
            return LOADING
        for number in self.order():
            if not self.holds(number, lab):
                return number
        return len(self.facts)

    def load(self, source: Source) -> Lab | None:
        """Run a version of the file, and see that its names are there."""
        forget_state()
        name = f"mini_gpt.{self.check.MODULE}"
        loaded = []
        if not self.survives(lambda: loaded.append(module.run(name, source))):
            return None
        if not all(hasattr(loaded[0], wanted) for wanted in self.check.NAMES):
            return None
        return Lab(loaded[0])

    def holds(self, number: int, lab: Lab) -> bool:
        """Tell whether a fact holds."""
        most = MOST_STEPS if self.facts[number].seconds <= SLOW else 100 * MOST_STEPS
        return self.survives(lambda: self.facts[number](lab), most)

    def survives(self, action: Callable[[], object], most: int = MOST_STEPS) -> bool:
        """Tell whether an action ends without an exception. Stuck in C, it ends the process."""
        patience = STUCK_SECONDS if most == MOST_STEPS else 100 * STUCK_SECONDS
        faulthandler.dump_traceback_later(patience, exit=True)
        try:
            self.tracer.run(action, most)
        except (Exception, SystemExit, TooLong):
            return False
        finally:
            faulthandler.cancel_dump_traceback_later()
        return True

    def lines_that_ran(self) -> set[int]:
        """Run the failing fact once, and return the lines that ran, the file's own top included."""
        lab = self.load(self.source)
        if lab is not None and self.failed != LOADING:
            self.holds(self.failed, lab)
        return set(self.tracer.lines) | heads(self.source.tree)

    def distance(self, line: int) -> int:
        """Tell how far a line is from what failed: -1 beside a line that raised, up to 3."""
        if self.raised and abs(line - self.raised) <= NEAR:
            return -1
        function = self.source.function_at(line)
        about = self.facts[self.failed].about if self.failed != LOADING else ()
        if not function or function in about:
            return 0
        holding = {name for fact in self.facts[: max(0, self.failed)] for name in fact.about[:1]}
        ahead = {name for fact in self.facts[max(0, self.failed) :] for name in fact.about}
        return 3 if function in holding - ahead else 1

    def outcomes(self, share: slice) -> Iterator[tuple[int, Edit, int]]:
        """Yield (rank, edit, how far it leads) for a share of the edits."""
        edits = candidates(self.source, self.lines_that_ran(), self.distance)
        for rank, edit in itertools.islice(edits, share.start, None, share.step):
            text = edit.apply(self.source.text)
            try:
                patched = replace(self.source, text=text, tree=ast.parse(text))
            except (SyntaxError, ValueError):
                yield rank, edit, LOADING
                continue
            yield rank, edit, self.reach(patched)


def heads(tree: ast.Module) -> set[int]:
    """Return the lines that a run passes over only once: the heads of functions and classes."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    lines = set()
    for node in ast.walk(tree):
        if isinstance(node, definitions):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            lines |= set(range(first, node.body[0].lineno))
    return lines


def forget_state() -> None:
    """Undo what an earlier edit may have changed for everyone."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        torch.manual_seed(0)


def as_event(edit: Edit, text: str, reached: int) -> dict:
    """Write an edit as plain values."""
    return {
        "line": edit.line,
        "inserts": edit.inserts,
        "cost": edit.cost,
        "hint": edit.hint,
        "diff": edit.diff(text),
        "reach": reached,
    }


def main() -> None:
    """Run `proof.py CHECK FILE FACT RAISED FIRST STEP SECONDS`: each STEP-th from FIRST on."""
    check_path, file, failed, raised, first, step, seconds = sys.argv[1:]
    out = open_events()
    sys.stdout = sandbox.Printed()
    sandbox.close_exits()
    sandbox.close_starts()
    check = load_check(Path(check_path))
    prover = Prover(check, read(Path(file).resolve()), int(failed), int(raised))
    proven = 0
    share = slice(int(first), None, int(step))
    for number, (rank, edit, reached) in enumerate(prover.outcomes(share)):
        tell(out, "tried", rank=rank, next=share.start + (number + 1) * share.step)
        if proven and rank > proven or time.process_time() > float(seconds):
            break
        if reached > prover.failed:
            complete = reached == len(prover.facts)
            event = as_event(edit, prover.source.text, reached)
            tell(out, "mended", rank=rank, complete=complete, **event)
        if reached == len(prover.facts):
            proven = rank
    tell(out, "done")
    sandbox.leave(0)


if __name__ == "__main__":
    main()
