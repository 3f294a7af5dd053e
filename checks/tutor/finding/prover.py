"""Runs the facts of a check on edited versions of a file: how far does each edit lead?"""

import ast
import functools
import importlib
import itertools
import re
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import replace

from tutor import module
from tutor.edits import candidates
from tutor.edits.edit import Edit
from tutor.facts import facts_of, proven
from tutor.lab import Lab
from tutor.lines import Lines, heads, whole
from tutor.rounds import COUNTER, Rounds, TooLong, counted
from tutor.source import Source

SLOW = 30.0
SHORT = 0.008
LONG = 2.0
STUCK_SECONDS = 2.0
TIMES = 3
TRACED = 30
LOADING = -1
NEAR = 4


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
        self.fact = self.facts[failed] if failed != LOADING else None
        self.raised = raised
        self.rounds = Rounds()
        self.bounds = [LONG]
        """The seconds for each case of the fact that failed."""
        self.coming: Iterator[float] = iter(())
        self.too_long = False
        self.alive = lambda: None
        """Called when an edit leads further than the fact that failed, and so takes longer."""

    def is_slow(self, number: int) -> bool:
        """Tell whether a fact takes seconds. Such a fact is run only if it failed before."""
        return number != self.failed and self.facts[number].seconds > SLOW

    def order(self) -> list[int]:
        """List the facts: the one that failed first, then the others as they stand."""
        others = [n for n in range(len(self.facts)) if n != self.failed and not self.is_slow(n)]
        return [self.failed, *others] if self.fact else others

    @property
    def patience(self) -> float:
        """The seconds after which an edit that says nothing is stuck outside of Python."""
        return STUCK_SECONDS + sum(self.bounds)

    def reach(self, source: Source) -> int:
        """Return how far a version of the file leads: the first fact that fails, or their number.

        Below or at the fact that failed before, nothing is won.
        """
        lab = self.load(source)
        if lab is None:
            return LOADING
        for number in self.order():
            if number != self.failed:
                self.alive()
            if not self.holds(number, lab):
                return number
        return len(self.facts)

    def load(self, source: Source) -> Lab | None:
        """Run a version of the file, and see that its names are there."""
        forget_state()
        name = f"mini_gpt.{self.check.MODULE}"
        loaded = []
        given = {COUNTER: self.rounds.count}
        if not self.survives(lambda: loaded.append(module.run(name, source, given)), LONG):
            return None
        if not all(hasattr(loaded[0], wanted) for wanted in self.check.NAMES):
            return None
        return Lab(loaded[0], next_case=self.next_case)

    def next_case(self) -> None:
        """Bound the time of the next case, if the fact that failed is running."""
        seconds = next(self.coming, None)
        if seconds is not None:
            self.rounds.allow(seconds)

    def holds(self, number: int, lab: Lab) -> bool:
        """Tell whether a fact holds. The one that failed before gets the least time."""
        self.coming = iter(self.bounds if number == self.failed else ())
        return self.survives(lambda: self.facts[number](lab), next(self.coming, LONG))

    def survives(self, action: Callable[[], object], seconds: float) -> bool:
        """Tell whether an action ends in time, and without an exception."""
        self.rounds.allow(seconds)
        try:
            action()
        except (Exception, SystemExit, TooLong) as error:
            self.too_long = isinstance(error, TooLong)
            return False
        return True

    def rehearse(self) -> set[int]:
        """Run the failing fact as the file stands. Returns the lines that ran.

        If it takes too long, any line may have run. An edit gets several times as long as right
        code needs.
        """
        lines = Lines(str(self.source.path))
        usual = self.usual_seconds()
        as_it_stands = replace(self.source, tree=counted(ast.parse(self.source.text)))
        sys.settrace(lines.enter)
        self.once(as_it_stands, min(LONG, TRACED * (SHORT + sum(usual))))
        sys.settrace(None)
        every = range(len(self.source.lines) + 1) if self.too_long else ()
        if self.fact:
            slow = self.fact.seconds > SLOW
            self.bounds = [self.fact.seconds] if slow else [SHORT + TIMES * case for case in usual]
        return whole(lines.seen, self.source.tree) | heads(self.source.tree) | set(every)

    def usual_seconds(self) -> list[float]:
        """Tell how long the cases of the failing fact take where it holds: LONG if it is slow."""
        if self.fact is None or self.fact.seconds > SLOW:
            return [LONG]
        reference = importlib.import_module(f"scaffolds.reference.{self.check.MODULE}")
        for _ in range(2):  # what Python loads at the first time must not count
            marks = []
            lab = Lab(reference, next_case=lambda: marks.append(time.process_time()))
            lab.next_case()
            self.survives(lambda: self.fact(lab), LONG)
            lab.next_case()
        return [after - before for before, after in itertools.pairwise(marks)]

    def once(self, source: Source, seconds: float) -> None:
        """Run the failing fact on a version of the file."""
        lab = self.load(source)
        if lab is not None and self.fact:
            self.survives(lambda: self.fact(lab), seconds)

    def distance(self, edit: Edit) -> int:
        """Tell how far an edit is from what failed: from -2, where it is most likely, up to 4."""
        far, is_about = self.far(edit.line)
        words = self.fact.words if self.fact else ""
        code = "".join([*self.source.lines[edit.line - 1 : edit.line], edit.text])
        speaks_of_it = bool(words) and re.search(words, code) is not None
        elsewhere = edit.inserts and edit.cost > 2 and not is_about
        return far + elsewhere - speaks_of_it

    @functools.cache  # noqa: B019 (there is one Prover in a process)
    def far(self, line: int) -> tuple[int, bool]:
        """Tell how far a line is from what failed, and if the fact that failed is about it.

        It is -1 beside a line that raised, and 3 in a function of which other facts hold. It is 1
        if the fact is about a part first that has another name here, such as Block, not about this.
        """
        function = self.source.function_at(line)
        about = self.fact.about if self.fact else ()
        is_about = not function or function in about
        last = self.source.end_of_loop(self.raised) + NEAR
        if self.raised and self.raised - NEAR <= line <= last:
            return -1, True
        if not is_about and function in proven(self.facts, self.failed):
            return 3, False
        elsewhere = bool(about) and about[0] not in self.source.functions()
        return int(elsewhere and function in about), is_about

    def outcomes(self, share: slice) -> Iterator[tuple[int, Edit, int]]:
        """Yield (rank, edit, how far it leads) for a share of the edits.

        What takes long is put aside at first, and comes last.
        """
        edits = candidates(self.source, self.rehearse(), self.distance)
        late = []
        for rank, edit in itertools.islice(edits, share.start, None, share.step):
            self.too_long = False
            reached = self.try_out(edit)
            if self.too_long:
                late.append((rank, edit))
            yield rank, edit, reached
        self.bounds = [LONG]
        for rank, edit in late:
            yield rank, edit, self.try_out(edit)

    def try_out(self, edit: Edit) -> int:
        """Tell how far the file leads with an edit."""
        text = edit.apply(self.source.text)
        try:
            tree = counted(ast.parse(text))
        except (SyntaxError, ValueError):
            return LOADING
        return self.reach(replace(self.source, text=text, tree=tree))


def forget_state() -> None:
    """Undo what an earlier edit may have changed for everyone."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        torch.default_generator.manual_seed(0)
