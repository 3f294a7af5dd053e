"""Runs the facts of a check in a process of its own, and reports each as a line of JSON.

The events: start, owner, doing, holds, fails, unwritten, printed, done.
"""

import importlib.util
import json
import os
import sys
import types
from pathlib import Path
from typing import TextIO

CHECKS = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(CHECKS), str(CHECKS.parent)]

from mini_gpt.paths import MODEL_FILE, ROOT  # noqa: E402
from tutor import module, sandbox  # noqa: E402
from tutor.blame import borrow  # noqa: E402
from tutor.explain import explain  # noqa: E402
from tutor.facts import facts_of, proven, title  # noqa: E402
from tutor.lab import Lab  # noqa: E402
from tutor.problem import Problem, short  # noqa: E402
from tutor.runner import BORROWED  # noqa: E402
from tutor.source import NotAProgram, Source, read, unwritten  # noqa: E402

LOAD_SECONDS = 30.0


def load_check(path: Path) -> types.ModuleType:
    """Import a check by its path: its name starts with a digit, so import cannot."""
    spec = importlib.util.spec_from_file_location("check", path)
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    return check


def open_events() -> TextIO:
    """Keep standard output for the events alone: what else is printed goes nowhere."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return out


def tell(out: TextIO, event: str, **values: object) -> None:
    """Send one event, as a line of JSON."""
    out.write(json.dumps({"event": event, **values}) + "\n")
    out.flush()


class Worker:
    """One run of a check on one file.

    Args:
        check: the check's module, with MODULE, NAMES and its facts.
        path: the learner's file. None lets the facts import mini_gpt as it is.
        out: where the events go.
    """

    def __init__(self, check: types.ModuleType, path: Path | None, out: TextIO):
        self.check = check
        self.path = path
        self.out = out
        self.current = ""
        self.number = -1
        self.printed = sys.stdout = sandbox.Printed()
        self.watch = sandbox.Watch(self.on_hang)

    def tell(self, event: str, **values: object) -> None:
        """Send one event."""
        tell(self.out, event, **values)

    def doing(self, text: str) -> None:
        """Tell what takes time."""
        self.tell("doing", text=text)

    def fails(self, problem: Problem) -> None:
        """Tell that the current fact does not hold."""
        self.tell("fails", title=self.current, number=self.number, problem=problem.as_dict())

    def on_hang(self, problem: Problem) -> None:
        """Tell that the current fact does not end."""
        problem.called = problem.called or self.current
        self.fails(problem)

    def run(self) -> None:
        """Load the file, then run the facts until one does not hold."""
        self.tell("start", facts=len(facts_of(self.check)))
        if self.path is None:
            return self.run_facts(None, Lab(None, None, self.doing))
        self.current = "the file can be run"
        try:
            source = read(self.path)
            learners = self.load(source)
        except NotAProgram as error:
            return self.fails(error.problem)
        if learners is not None:
            is_attempt = self.path.parent != ROOT / "mini_gpt"
            self.run_facts(source, Lab(learners, None if is_attempt else MODEL_FILE, self.doing))
        for place in unwritten(source):
            self.tell("unwritten", place=vars(place))
        if self.printed.lines and self.printed.place:
            place = vars(self.printed.place)
            self.tell("printed", lines=self.printed.lines, text=self.printed.kept, place=place)

    def load(self, source: Source) -> types.ModuleType | None:
        """Run the learner's file, and see that it has the names that it should have."""
        self.watch.start(LOAD_SECONDS)
        try:
            learners = module.run(f"mini_gpt.{self.check.MODULE}", source)
        except (Exception, SystemExit) as error:
            return self.fails(explain(error, source))
        finally:
            self.watch.stop()
        for name in self.check.NAMES:
            if not hasattr(learners, name):
                return self.fails(module.missing_name(learners, source, name, self.check.NAMES))
        values = [getattr(learners, name) for name in self.check.NAMES]
        self.tell("owner", owner=module.owner(values))
        return learners

    def run_facts(self, source: Source | None, lab: Lab) -> None:
        """Run the facts, and stop at the first one that does not hold."""
        facts = facts_of(self.check)
        for self.number, fact in enumerate(facts):
            self.current = title(fact)
            lab.called, lab.shown, lab.remarks = "", [], []
            self.watch.start(fact.seconds)
            try:
                fact(lab)
            except NotImplementedError as error:
                return self.not_written(error, source, fact)
            except (Exception, SystemExit) as error:
                known = {n for n in proven(facts, self.number) if n in self.check.NAMES}
                return self.fails(explain(error, source, fact.about, known))
            finally:
                self.watch.stop()
            self.tell("holds", title=self.current, shown=lab.shown, remarks=lab.remarks)

    def not_written(self, error: NotImplementedError, source: Source | None, fact) -> None:
        """Tell what a skeleton leaves open. Raised anywhere else, the same error is a mistake."""
        problem = explain(error, source, fact.about)
        if problem.place is None or not problem.place.text.startswith("raise NotImplementedError"):
            self.fails(problem)
        elif source is None or problem.place.file != short(source.path):
            self.tell("unwritten", place=vars(problem.place))


def main() -> None:
    """Run `worker.py CHECK [FILE]`. Only the events go to standard output, not the prints."""
    out = open_events()
    sandbox.close_exits()
    if name := os.environ.get(BORROWED):
        borrow(name)
    check = load_check(Path(sys.argv[1]))
    worker = Worker(check, Path(sys.argv[2]).resolve() if sys.argv[2:] else None, out)
    worker.run()
    worker.tell("done")
    sandbox.leave(0)  # threads that the learner's code left behind do not keep us here


if __name__ == "__main__":
    main()
