"""Prints what happens in a run of a check, as it comes."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tutor.running.problem import Problem
from tutor.running.records import Doing, Fails, Holds, LeavesOut, Owner, Printed, Started, Unwritten
from tutor.telling import report


@dataclass
class Printer:
    """Prints the records of one run, and counts them."""

    heading: str
    """The first line, without the owner."""
    next_step: str = ""
    """Where to go on after a failure."""
    hint: bool = False
    fix: bool = False
    find: Callable[[Fails], Problem] = lambda failure: failure.problem
    """Looks for the line of a failure."""
    failed: str = ""
    """The title of the fact that failed."""
    report: list[str] = field(default_factory=list)
    """What was printed about the failure."""
    facts: int = 0
    held: int = 0
    left_out: int = 0
    """The facts that nobody can look at here."""
    unwritten: list[str] = field(default_factory=list)
    """The functions that are not written yet."""

    def follow(self, records: Iterable[object]) -> int:
        """Print all records, and return the exit status."""
        for record in records:
            getattr(self, f"on_{type(record).__name__.lower()}")(record)
        left_out = 0 if self.unwritten else self.left_out
        return 0 if self.held + left_out == self.facts and not self.failed else 1

    def say(self, *lines: str) -> None:
        """Print lines, the heading before the first."""
        if self.heading:
            print(self.heading)
            self.heading = ""
        for line in lines:
            print(line, flush=True)

    def show_meanwhile(self, text: str) -> None:
        """Show what takes time, on a line that the next one replaces."""
        if sys.stdout.isatty():
            print(f"\r  🔎 {text}".ljust(70), end="\r", flush=True)

    @property
    def verdict(self) -> str:
        """Say in a few words how the run ended."""
        if self.failed:
            return f'{self.held} of {self.facts} facts hold; "{self.failed}" does not'
        if self.unwritten:
            return f"{self.held} of {self.facts} facts hold; still to write: {self.unwritten[0]}"
        return "green"

    def on_started(self, record: Started) -> None:
        """Remember how many facts there are."""
        self.facts = record.facts

    def on_owner(self, record: Owner) -> None:
        """Print whose code it is."""
        self.heading += f" ({record.owner})"
        self.say()

    def on_doing(self, record: Doing) -> None:
        """Show what takes time."""
        self.show_meanwhile(f"{record.text} ...")

    def on_progress(self, tried: int, planned: int) -> None:
        """Show how far the search for the line is."""
        if tried % 10 == 0:
            self.show_meanwhile(f"looking for the line: {tried:,} of {planned:,} changes tried")

    def on_holds(self, record: Holds) -> None:
        """Print a fact that holds."""
        self.held += 1
        self.say(*report.success(record.title, record.shown, record.remarks))

    def on_leavesout(self, record: LeavesOut) -> None:
        """Print a fact that nobody can look at here, and why."""
        self.left_out += 1
        self.say(*report.left_out(record.title, record.why))

    def on_fails(self, record: Fails) -> None:
        """Print a fact that does not hold, look for the line, and print that too."""
        self.failed = record.title or "the file can be run"
        found = self.told_and_found(record)
        more = report.findings(record.problem, found)
        self.report += more
        self.say(*more)
        self.say(*(report.hint(found) if self.hint else []))
        self.say(*(report.fix(found) if self.fix else []))
        self.say(*(f"  💬 {remark}" for remark in found.remarks))
        self.say(report.row("next", self.next_step), f"{self.held} of {self.facts} facts hold")

    def told_and_found(self, failure: Fails) -> Problem:
        """Print what went wrong, and look for the line. Ctrl-C ends that, but not the report."""
        self.report = report.failure(failure.title, failure.problem)
        try:
            self.say(*self.report)
            return self.find(failure)
        except KeyboardInterrupt:
            return replace(failure.problem, remarks=["You ended the search for the line."])

    def on_unwritten(self, record: Unwritten) -> None:
        """Print a function that is not written yet."""
        self.unwritten.append(record.place.function)
        self.say(report.still_to_write(record.place))

    def on_printed(self, record: Printed) -> None:
        """Print what the learner's code printed."""
        self.say(*report.printed(record.lines, record.text, record.place))

    def on_done(self, record: object) -> None:
        """Print the count, unless a failure has said it already. Say what a flag waits for."""
        if self.failed:
            return
        more = f", {self.left_out} left out" if self.left_out else ""
        self.say(f"{self.held} of {self.facts} facts hold{more}")
        if (self.hint or self.fix) and self.unwritten:
            self.say("  💬 --hint and --fix speak of mistakes. Nothing is wrong here so far.")
