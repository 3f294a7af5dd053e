"""`python checks/final_showcase.py`: a row for each of the four parts, and the finish line."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from mini_gpt.loops import CORE, LOOPS, Loop
from tutor.running.parent import run
from tutor.running.records import Fails, Holds
from tutor.telling import console, diary, report
from tutor.telling.printer import Printer

TROPHIES = "🏆" * 25


def main(check: str) -> int:
    """Run the showcase, a file whose facts are about one part each.

    Returns:
        0 if all four parts work, else 1.
    """
    console.prepare()
    print(TROPHIES, "🎉 Mini-GPT Final Showcase 🎉", TROPHIES, sep="\n")
    try:
        return ShowcasePrinter("").follow(run(Path(check).resolve()))
    except KeyboardInterrupt:
        print("\nStopped before the finish line.")
        return 1


@dataclass
class ShowcasePrinter(Printer):
    """Prints one row for each part that works, and where to go on for one that does not."""

    remarks: list[str] = field(default_factory=list)
    """What there is to say at the finish line."""

    def on_holds(self, record: Holds) -> None:
        """Print a part that works. After the last one comes what all of them are worth."""
        self.held += 1
        if self.held <= CORE:
            first, *others = record.shown
            self.say(f"✅ {record.title}: {first}", *(report.INDENT + line for line in others))
        else:
            self.remarks = record.remarks
            self.say("", *record.shown)

    def on_fails(self, record: Fails) -> None:
        """Print a part that does not work, and the check that knows more."""
        self.failed = record.title
        loop = LOOPS[min(self.held, CORE - 1)]
        self.say(*report.failure(record.title, record.problem))
        self.say(*report.findings(record.problem, record.problem))
        self.say(report.row("next", f"python checks/{loop.stem}_test.py says more"))

    def on_done(self, record: object) -> None:
        """Print the finish line, if it is reached."""
        if self.held <= CORE:
            self.say(f"{self.held} of {CORE} parts work: {100 * self.held // CORE}%")
            return
        self.say(
            f"{CORE} of {CORE} parts work: {'█' * 20} 100%",
            "",
            *self.remarks,
            *map(story_of, (loop for loop in LOOPS[:CORE] if diary.attempts(loop))),
            "🎉 Congratulations! You have successfully built your own Mini-GPT!",
            "✅ You now understand the core principles of GPT!",
            *map(state_of, LOOPS[CORE:]),
        )


def state_of(loop: Loop) -> str:
    """Tell whose code a challenge is."""
    owner = "borrowed" if loop.is_borrowed() else "yours"
    return f"{report.INDENT}next level {loop.number:02} {loop.title}: {owner}"


def story_of(loop: Loop) -> str:
    """Tell from the diary how many attempts a loop took, and how many minutes."""
    stamps = diary.attempts(loop)
    first, last = (time.mktime(time.strptime(s, diary.STAMP)) for s in (stamps[0], stamps[-1]))
    count = "1 attempt" if len(stamps) == 1 else f"{len(stamps)} attempts"
    return f"Loop {loop.number}: {count} in {(last - first) / 60:.0f} minutes, says your diary."
