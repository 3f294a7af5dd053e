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
SHORT = 0.02
LONG = 2.0
STUCK_SECONDS = 2.0
TIMES = 3
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
        self.seconds = SHORT
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
        slow = self.fact is not None and self.fact.seconds > SLOW
        return self.fact.seconds if slow else STUCK_SECONDS + self.seconds

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
        return Lab(loaded[0])

    def holds(self, number: int, lab: Lab) -> bool:
        """Tell whether a fact holds. The one that failed before gets the least time."""
        fact = self.facts[number]
        seconds = self.seconds if number == self.failed else LONG
        return self.survives(lambda: fact(lab), seconds if fact.seconds <= SLOW else fact.seconds)

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
        as_it_stands = replace(self.source, tree=counted(ast.parse(self.source.text)))
        sys.settrace(lines.enter)
        self.once(as_it_stands)
        sys.settrace(None)
        every = range(len(self.source.lines) + 1) if self.too_long else ()
        if self.fact and self.fact.seconds <= SLOW:
            self.seconds = SHORT + TIMES * self.usual_seconds()
        return whole(lines.seen, self.source.tree) | heads(self.source.tree) | set(every)

    def usual_seconds(self) -> float:
        """Tell how long the failing fact takes where it holds.

        The others are run too, so that no edit pays for what Python loads when it is first used.
        """
        lab = Lab(importlib.import_module(f"scaffolds.reference.{self.check.MODULE}"))

        def run(number: int) -> None:
            self.survives(lambda: self.facts[number](lab), LONG)

        return [seconds_of(lambda: run(number)) for number in self.order()][0]

    def once(self, source: Source) -> None:
        """Run the failing fact on a version of the file."""
        lab = self.load(source)
        if lab is not None and self.fact:
            self.survives(lambda: self.fact(lab), LONG)

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

        It is -1 beside a line that raised, and 3 in a function of which other facts hold.
        """
        function = self.source.function_at(line)
        about = self.fact.about if self.fact else ()
        is_about = not function or function in about
        last = self.source.end_of_loop(self.raised) + NEAR
        if self.raised and self.raised - NEAR <= line <= last:
            return -1, True
        is_proven = function in proven(self.facts, self.failed)
        return 3 if not is_about and is_proven else 0, is_about

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
        self.seconds = LONG
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


def seconds_of(action: Callable[[], object]) -> float:
    """Return how much processor time an action takes."""
    started = time.process_time()
    action()
    return time.process_time() - started


def forget_state() -> None:
    """Undo what an earlier edit may have changed for everyone."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        torch.default_generator.manual_seed(0)
