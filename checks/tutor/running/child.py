"""Runs the facts of a check in a process of its own, and says what happens, a record a line."""

import importlib.util
import os
import sys
import types
from pathlib import Path
from typing import TextIO

CHECKS = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    sys.path[:1] = [str(CHECKS), str(CHECKS.parent)]

from mini_gpt.loops import Loop, loop_of  # noqa: E402
from mini_gpt.paths import MODEL_FILE, ROOT  # noqa: E402
from tutor.facts.lab import Lab  # noqa: E402
from tutor.facts.words import LeftOut, facts_of, proven, title  # noqa: E402
from tutor.running import module, records, sandbox  # noqa: E402
from tutor.running.explain import advice, explain, message_of  # noqa: E402
from tutor.running.problem import Problem, short  # noqa: E402
from tutor.running.source import NotAProgram, Source, read, unwritten  # noqa: E402
from tutor.running.watch import Watch  # noqa: E402

LOAD_SECONDS = 30.0
RECORDS = 239
"""The number under which the system keeps the way out for the records."""


def load_check(path: Path) -> types.ModuleType:
    """Import a check by its path: its name starts with a digit, so import cannot."""
    spec = importlib.util.spec_from_file_location("check", path)
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    return check


def open_records() -> TextIO:
    """Keep standard output for the records alone: what else is printed goes nowhere.

    They leave by a number that no code takes for a file, as `open(3, "wb")` would a small one.
    """
    os.dup2(1, RECORDS, inheritable=False)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return os.fdopen(RECORDS, "w", encoding="utf-8")


class Child:
    """One run of a check.

    Args:
        facts: what should be true, in order.
        out: where the records go.
    """

    def __init__(self, facts: list, out: TextIO):
        self.facts = facts
        self.out = out
        self.current = ""
        self.number = -1
        self.printed = sys.stdout = sandbox.Printed()
        self.watch = Watch(self.on_hang)

    def tell(self, record: object) -> None:
        """Send one record."""
        self.out.write(records.to_line(record))
        self.out.flush()

    def doing(self, text: str) -> None:
        """Tell what takes time."""
        self.tell(records.Doing(text))

    def fails(self, problem: Problem) -> None:
        """Tell that the current fact does not hold."""
        fact = self.facts[self.number] if self.number >= 0 else None
        needs, searched = (list(fact.needs), fact.searched) if fact else ([], True)
        self.tell(records.Fails(self.current, self.number, problem, needs, searched))

    def on_hang(self, problem: Problem) -> None:
        """Tell that the current fact does not end."""
        problem.called = problem.called or self.current
        self.fails(problem)

    def check_file(self, loop: Loop, path: Path) -> None:
        """Load a learner's file, then run the facts on it."""
        self.current = "the file can be run"
        try:
            source = read(path)
            learners = self.load(loop, source)
        except NotAProgram as error:
            return self.fails(error.problem)
        if learners is not None:
            is_attempt = path.parent != ROOT / "mini_gpt"
            lab = Lab(learners, None if is_attempt else MODEL_FILE, self.doing)
            self.run_facts(lab, source, loop.names)
        for place in unwritten(source):
            self.tell(records.Unwritten(place))
        printed = self.printed
        if printed.lines and printed.place:
            self.tell(records.Printed(printed.lines, printed.kept, printed.place))

    def load(self, loop: Loop, source: Source) -> types.ModuleType | None:
        """Run the learner's file, and see that it has the names that it should have."""
        self.watch.start(LOAD_SECONDS)
        try:
            learners = module.run(f"mini_gpt.{loop.module}", source)
        except (Exception, SystemExit) as error:
            return self.fails(explain(error, source))
        finally:
            self.watch.stop()
        for name in loop.names:
            if not hasattr(learners, name):
                return self.fails(module.missing_name(learners, source, name, loop.names))
        self.tell(records.Owner(module.owner([getattr(learners, name) for name in loop.names])))
        return learners

    def run_facts(
        self, lab: Lab, source: Source | None = None, names: tuple[str, ...] = ()
    ) -> None:
        """Run the facts, and stop at the first one that does not hold."""
        for self.number, fact in enumerate(self.facts):
            self.current = title(fact)
            lab.called, lab.shown, lab.remarks = "", [], []
            self.watch.start(fact.seconds)
            try:
                fact(lab)
            except LeftOut as error:
                self.tell(records.LeavesOut(self.current, str(error)))
                continue
            except NotImplementedError as error:
                return self.not_written(error, source, fact)
            except (Exception, SystemExit) as error:
                known = {name for name in proven(self.facts, self.number) if name in names}
                return self.fails(explain(error, source, fact.about, known))
            finally:
                self.watch.stop()
            self.tell(records.Holds(self.current, lab.shown, lab.remarks))

    def not_written(self, error: NotImplementedError, source: Source | None, fact) -> None:
        """Tell what a skeleton leaves open. Raised anywhere else, the same error is a mistake."""
        problem = explain(error, source, fact.about)
        if problem.place is None or not problem.place.text.startswith("raise NotImplementedError"):
            self.fails(problem)
        elif source is None or problem.place.file != short(source.path):
            self.tell(records.Unwritten(problem.place))


def main(check: Path, file: Path | None, borrowed: str) -> None:
    """Run a check on a file, or on mini_gpt as it is. Only the records go to standard output."""
    out = open_records()
    sandbox.close_exits()
    if borrowed:
        module.borrow(borrowed)
    try:
        facts = facts_of(load_check(check))
    except ImportError as error:
        problem = Problem("running the check", "no error", message_of(error), likely=advice(error))
        out.write(records.to_line(records.Fails("the check can be run", -1, problem)))
    else:
        child = Child(facts, out)
        child.tell(records.Started(len(facts)))
        if file is None:
            child.run_facts(Lab(None, None, child.doing))
        else:
            child.check_file(loop_of(check), file)
    out.write(records.to_line(records.Done()))
    out.flush()
    sandbox.leave(0)  # threads that the learner's code left behind do not keep us here


if __name__ == "__main__":
    check_path, file_path, module_name = sys.argv[1:]
    main(Path(check_path), Path(file_path).resolve() if file_path else None, module_name)
