"""`python checks/NN_name_test.py [FILE]`: run a check, and print what comes out."""

import argparse
import sys
from pathlib import Path
from types import ModuleType

from tutor import console, report
from tutor.problem import ROOT, Place, Problem, short
from tutor.runner import run


def main(check: ModuleType, arguments: list[str] | None = None) -> int:
    """Run a check as a program.

    Args:
        check: the module of the check, with LOOP, MODULE and NAMES.
        arguments: the command line, without the program's name.

    Returns:
        0 if every fact holds, else 1.
    """
    console.prepare()
    path = Path(check.__file__).resolve()
    stem = path.stem.removesuffix("_test")
    parser = argparse.ArgumentParser(prog=f"python checks/{path.name}", description=check.__doc__)
    default = ROOT / "mini_gpt" / f"{check.MODULE}.py"
    parser.add_argument("file", nargs="?", default=default, help=f"default: {short(default)}")
    file = Path(parser.parse_args(arguments).file)
    heading = f"Loop {check.LOOP} · {check.MODULE}: {short(file)}"
    next_step = f"docs/{stem}.md · a repair prompt is in recipes/{stem}.md"
    return Printer(heading, next_step).follow(run(path, file))


class Printer:
    """Prints the events of one run as they come, and counts them.

    Args:
        heading: the first line, without the owner.
        next_step: where to read on after a failure.
    """

    def __init__(self, heading: str, next_step: str):
        self.heading = heading
        self.next_step = next_step
        self.facts = self.held = self.failed = self.open = 0

    def follow(self, events) -> int:
        """Print all events, and return the exit status."""
        for event in events:
            kind = event.pop("event")
            getattr(self, f"on_{kind}")(**event)
        return 0 if self.held == self.facts else 1

    def say(self, *lines: str) -> None:
        """Print lines, the heading before the first."""
        if self.heading:
            print(self.heading)
            self.heading = ""
        for line in lines:
            print(line, flush=True)

    def on_start(self, facts: int) -> None:
        """Remember how many facts there are."""
        self.facts = facts

    def on_owner(self, owner: str) -> None:
        """Print whose code it is."""
        self.heading += f" ({owner})"
        self.say()

    def on_doing(self, text: str) -> None:
        """Show what takes time, on a line that the next one replaces."""
        if sys.stdout.isatty():
            print(f"  🔎 {text} ...", end="\r", flush=True)

    def on_holds(self, title: str, shown: list[str], remarks: list[str]) -> None:
        """Print a fact that holds."""
        self.held += 1
        self.say(*report.success(title, shown, remarks))

    def on_fails(self, title: str, number: int, problem: dict) -> None:
        """Print a fact that does not hold."""
        self.failed += 1
        self.say(*report.failure(title, Problem.from_dict(problem), self.next_step))
        self.say(f"{self.held} of {self.facts} facts hold")

    def on_unwritten(self, place: dict) -> None:
        """Print a function that is not written yet."""
        self.open += 1
        self.say(report.still_to_write(Place(**place)))

    def on_printed(self, lines: int, text: str, place: dict) -> None:
        """Print what the learner's code printed."""
        self.say(*report.printed(lines, text, Place(**place)))

    def on_done(self) -> None:
        """Print the count."""
        if not self.failed:
            self.say(f"{self.held} of {self.facts} facts hold")
