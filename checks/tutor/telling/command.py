"""`python checks/NN_name_test.py [FILE]`: run a check, and print what comes out."""

import argparse
import sys
import time
from pathlib import Path
from types import ModuleType

from tutor import console, diagnosis, diary, repair, report
from tutor.problem import ROOT, Place, Problem, short
from tutor.runner import run


def parse(check: ModuleType, arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line of a check."""
    default = ROOT / "mini_gpt" / f"{check.MODULE}.py"
    parser = argparse.ArgumentParser(
        prog=f"python checks/{Path(check.__file__).name}", description=check.__doc__
    )
    parser.add_argument("file", nargs="?", default=default, help=f"default: {short(default)}")
    for flag, text in {
        "--hint": "after a failure, say in which direction to look",
        "--fix": "after a failure, show the change that was proven to help (nothing is edited)",
        "--prompt": "after a failure, print a repair prompt to paste into an LLM",
        "--watch": "check again whenever the file is saved; Ctrl-C ends it",
        "--diary": "append this attempt to vibes.md",
    }.items():
        parser.add_argument(flag, action="store_true", help=text)
    return parser.parse_args(arguments)


def main(check: ModuleType, arguments: list[str] | None = None) -> int:
    """Run a check as a program.

    Args:
        check: the module of the check, with LOOP, MODULE and NAMES.
        arguments: the command line, without the program's name.

    Returns:
        0 if every fact holds, else 1.
    """
    console.prepare()
    options = parse(check, arguments)
    try:
        return watch(check, options) if options.watch else attempt(check, options)
    except KeyboardInterrupt:
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our lines has gone; there is nobody to tell
        return 1


def watch(check: ModuleType, options: argparse.Namespace) -> int:
    """Check again each time the file is saved, until Ctrl-C."""
    path = Path(options.file)
    while True:
        saved = path.stat().st_mtime if path.exists() else 0
        attempt(check, options)
        print(f"  🔎 waiting for {short(path)} to be saved (Ctrl-C ends it)", flush=True)
        while (path.stat().st_mtime if path.exists() else 0) == saved:
            time.sleep(0.5)


def attempt(check: ModuleType, options: argparse.Namespace) -> int:
    """Check a file once, and return the exit status."""
    path, file = Path(check.__file__).resolve(), Path(options.file).resolve()
    stem = path.stem.removesuffix("_test")
    heading = f"Loop {check.LOOP} · {check.MODULE}: {short(file)}"
    next_step = f"docs/{stem}.md · repair prompt: python checks/{path.name} --prompt"
    printer = Printer(heading, next_step, options)
    printer.diagnose = lambda problem, number: diagnosis.diagnose(check, file, problem, number)
    status = printer.follow(run(path, file))
    if options.diary:
        diary.append(check, printer.held, printer.facts)
    if options.prompt and printer.problem:
        print(repair.prompt(stem, file, printer.report))
    return status


class Printer:
    """Prints the events of one run as they come, and counts them.

    Args:
        heading: the first line, without the owner.
        next_step: where to read on after a failure.
        options: hint and fix tell how much to say.
    """

    def __init__(self, heading: str, next_step: str, options: argparse.Namespace | None = None):
        self.heading = heading
        self.next_step = next_step
        self.options = options
        self.diagnose = lambda problem, number: problem
        self.problem: Problem | None = None
        self.report: list[str] = []
        self.facts = self.held = 0

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
        """Look for the line, and print a fact that does not hold."""
        self.on_doing("looking for the line")
        self.problem = self.diagnose(Problem.from_dict(problem), number)
        self.report = report.failure(title, self.problem)
        self.say(*self.report)
        if self.options and self.options.hint:
            self.say(*report.hint(self.problem))
        if self.options and self.options.fix:
            self.say(*report.fix(self.problem))
        self.say(report.row("next", self.next_step), f"{self.held} of {self.facts} facts hold")

    def on_unwritten(self, place: dict) -> None:
        """Print a function that is not written yet."""
        self.say(report.still_to_write(Place(**place)))

    def on_printed(self, lines: int, text: str, place: dict) -> None:
        """Print what the learner's code printed."""
        self.say(*report.printed(lines, text, Place(**place)))

    def on_done(self) -> None:
        """Print the count, unless a failure has said it already."""
        if not self.problem:
            self.say(f"{self.held} of {self.facts} facts hold")
