"""Tries a changed file: how far do the facts hold on it?"""

import ast
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from mini_gpt.loops import Loop
from tutor.facts.lab import Lab
from tutor.finding.time_limit import LOOK, TimeLimit, TooLong, limited
from tutor.finding.trace import Runs, heads, watched, whole
from tutor.running import module
from tutor.running.source import Source

SLOW = 30.0
"""A fact that may take longer than this trains a model. It is tried only where it failed."""
PATIENCE = 10.0
"""How many times as long as right code a change may take."""
PATIENCE_OWN = 4.0
"""How many times as long as the file as it stands, unless that takes longer than LONGEST_OWN."""
LONGEST_OWN = 2.0
LEAST_SECONDS = 0.03
PATIENCE_FURTHER, LEAST_SECONDS_FURTHER = 60.0, 1.0
"""The same for a fact behind the one that failed. Few changes lead there, and a style that is fast
in one thing may be slow in another. It may also load what nobody has loaded yet."""
LOAD_SECONDS = 2.0
ENOUGH = 0.3
"""So many seconds of work show how fast a file is."""
TRACED = 10.0
"""Code that is watched line by line takes so many times as long."""
LOOKED = 60.0
"""So long may a fact take while the values in the file are looked at: more than it ever needs."""
NOT_LOADED = -1


class Tryout:
    """Runs the facts of one check on versions of one file.

    Args:
        loop: the loop of the check.
        facts: its facts.
        failed: the number of the fact that failed, or NOT_LOADED.
    """

    def __init__(self, loop: Loop, facts: list[Callable], failed: int):
        self.loop = loop
        self.facts = facts
        self.failed = failed
        self.limit = TimeLimit()
        self.pace = 1.0
        """How many times as long as right code the learner's takes, where both are right."""
        self.usual: dict[int, float] = {}
        self.own = 0.0
        """How much processor time the fact that failed takes as the file stands, 0 if too much."""
        self.holds_alone = False
        """The fact that failed holds where it is the first to run: the others leave something."""
        self.too_long = False
        """The last thing that was run took too long."""
        self.own_too_long = False
        """The fact that failed takes too long on the file as it stands."""
        self.remarks = 0
        """How many remarks the facts made, where all of them held."""

    def is_slow(self, number: int) -> bool:
        """Tell whether a fact takes seconds. Such a fact is run only if it failed before."""
        fact = self.facts[number]
        return number != self.failed and (fact.seconds > SLOW or not fact.searched)

    def order(self) -> list[int]:
        """List the facts: the one that failed first, then the others as they stand.

        Where it fails only behind the others, all stay in their places.
        """
        every = [n for n in range(len(self.facts)) if not self.is_slow(n)]
        if self.failed == NOT_LOADED or self.holds_alone:
            return every
        return sorted(every, key=lambda number: number != self.failed)

    def reach(self, source: Source) -> int:
        """Return how far a version of the file leads: the first fact that fails, or their number.

        Below or at the fact that failed before, nothing is won. Nor is it where that fact has
        nothing left to compare, because a change took away what it is about.
        """
        lab, self.remarks = self.load(source), 0
        if lab is None:
            return NOT_LOADED
        for number in self.order():
            lab.left_open = False
            holds = self.survives(lambda: self.facts[number](lab), self.seconds(number))
            if not holds or number == self.failed and lab.left_open:
                return number
        self.remarks = len(lab.remarks)
        return len(self.facts)

    def load(self, source: Source, given: dict[str, object] | None = None) -> Lab | None:
        """Run a version of the file, and see that its names are there.

        Args:
            source: the version.
            given: more names that it finds there.
        """
        loaded = []
        name, given = f"mini_gpt.{self.loop.module}", {LOOK: self.limit.look} | (given or {})
        if not self.survives(lambda: loaded.append(module.run(name, source, given)), LOAD_SECONDS):
            return None
        if not all(hasattr(loaded[0], wanted) for wanted in self.loop.names):
            return None
        return Lab(loaded[0])

    def survives(self, action: Callable[[], object], seconds: float) -> bool:
        """Tell whether an action ends in time, and without an exception."""
        self.limit.allow(seconds)
        try:
            action()
        except (Exception, SystemExit, TooLong) as error:
            self.too_long = isinstance(error, TooLong)
            return False
        finally:
            self.limit.end = float("inf")
        self.too_long = False
        return True

    def seconds(self, number: int) -> float:
        """Return how long a fact may take: several times as long as right code on this machine."""
        if self.facts[number].seconds > SLOW:
            return self.facts[number].seconds
        right = self.pace * self.usual_seconds(number)
        if number == self.failed:
            return LEAST_SECONDS + max(PATIENCE * right, PATIENCE_OWN * self.own)
        return LEAST_SECONDS_FURTHER + PATIENCE_FURTHER * right

    def usual_seconds(self, number: int) -> float:
        """Return how much processor time a fact takes with the reference."""
        if number not in self.usual:
            name = f"mini_gpt.{self.loop.module}"
            before = sys.modules.get(name)
            module.borrow(self.loop.module)
            lab = Lab(sys.modules[name])
            # What Python loads at the first time does not count.
            self.usual[number] = min(self.seconds_of(number, lab) for _ in range(2))
            if before is not None:
                module.install(name, before)
        return self.usual[number]

    def seconds_of(self, number: int, lab: Lab, most: float = float("inf")) -> float:
        """Return how much processor time a fact takes, or 0 if it takes more than the most."""
        started = time.process_time()
        self.survives(lambda: self.facts[number](lab), most)
        return 0.0 if self.too_long else time.process_time() - started

    def rehearse(self, source: Source) -> Runs:
        """Run the file as it stands, to see how fast it is, and which lines ran when.

        If the failing fact takes too long, any line may have run.
        """
        as_it_stands = replace(source, tree=limited(ast.parse(source.text)))
        if lab := self.load(as_it_stands):
            self.measure_pace(lab)
            self.measure_own(lab)
        with watched(str(source.path)) as loading:
            lab = self.load(as_it_stands)
        loaded = whole(loading.lines, source.tree) | heads(source.tree)
        if lab is None or self.failed == NOT_LOADED:
            return Runs(loaded, loaded)
        with watched(str(source.path)) as failing:
            limit = TRACED * self.seconds(self.failed)
            self.holds_alone = self.survives(lambda: self.facts[self.failed](lab), limit)
        self.own_too_long = self.too_long
        if self.own_too_long:
            every = set(range(len(source.lines) + 1))
            return Runs(every, every)
        ran = whole(failing.lines, source.tree)
        return Runs(ran | loaded, ran, self.lines_that_hold(source, lab), failing.raising)

    def rerun(self, source: Source, given: dict[str, object]) -> bool:
        """Run the fact that failed on a version of the file that is given more names.

        Returns True if it came to its end, be that an exception. Where it holds alone, or takes
        too long, it is not run: it would show nothing of the mistake.
        """
        cannot = self.failed == NOT_LOADED or self.own_too_long or self.holds_alone
        if cannot or not (lab := self.load(source, given)):
            return False
        self.survives(lambda: self.facts[self.failed](lab), LOOKED)
        return not self.too_long

    def lines_that_hold(self, source: Source, lab: Lab) -> set[int]:
        """Return the lines that run with the facts before the one that failed."""
        with watched(str(source.path)) as holding:
            for number in range(self.failed):
                if not self.is_slow(number):
                    limit = TRACED * self.seconds(number)
                    self.survives(lambda n=number: self.facts[n](lab), limit)
        return whole(holding.lines, source.tree)

    def measure_pace(self, lab: Lab) -> None:
        """Compare the file with right code, by the facts that hold on both."""
        own = right = 0.0
        for number in range(self.failed):
            if not self.is_slow(number) and own < ENOUGH:
                right += self.usual_seconds(number)
                own += self.seconds_of(number, lab)
        self.pace = max(1.0, own / right) if right else 1.0

    def measure_own(self, lab: Lab) -> None:
        """Run the fact that failed on the file, to see how long that takes."""
        if self.failed != NOT_LOADED and self.facts[self.failed].seconds <= SLOW:
            self.own = self.seconds_of(self.failed, lab, LONGEST_OWN)
