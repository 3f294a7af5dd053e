"""`python checks/final_showcase.py`: a row for each of the four parts, and the finish line."""

from pathlib import Path
from types import ModuleType

from tutor import console, report
from tutor.command import Printer
from tutor.problem import Problem
from tutor.runner import run


def main(check: ModuleType) -> int:
    """Run the showcase.

    Args:
        check: the module of the showcase, with MODULES and TROPHIES.

    Returns:
        0 if all four parts work, else 1.
    """
    console.prepare()
    print(check.TROPHIES, "🎉 Mini-GPT Final Showcase 🎉", check.TROPHIES, sep="\n")
    return ShowcasePrinter(check).follow(run(Path(check.__file__).resolve()))


class ShowcasePrinter(Printer):
    """Prints one row for each part that works, and where to go on for one that does not.

    Args:
        check: the module of the showcase.
    """

    def __init__(self, check: ModuleType):
        super().__init__(heading="", next_step="")
        self.stems = {module: stem for module, (stem, *_) in check.MODULES.items()}
        self.parts = list(self.stems)

    def on_holds(self, title: str, shown: list[str], remarks: list[str]) -> None:
        """Print a part that works. After the last one comes what all of them are worth."""
        self.held += 1
        if self.held <= len(self.parts):
            self.say(f"✅ {title}: {shown[0]}", *(report.INDENT + line for line in shown[1:]))
        else:
            self.say("", *shown)

    def on_fails(self, title: str, number: int, problem: dict) -> None:
        """Print a part that does not work, and the check that knows more."""
        self.problem = Problem.from_dict(problem)
        stem = self.stems[self.parts[min(self.held, len(self.parts) - 1)]]
        self.say(*report.failure(title, self.problem))
        self.say(report.row("next", f"python checks/{stem}_test.py says more"))

    def on_done(self) -> None:
        """Print the finish line, if it is reached."""
        parts = len(self.parts)
        if self.held > parts:
            self.say(
                f"{parts} of {parts} parts work: {'█' * 20} 100%",
                "",
                "🎉 Congratulations! You have successfully built your own Mini-GPT!",
                "✅ You now understand the core principles of GPT!",
            )
        else:
            self.say(f"{self.held} of {parts} parts work: {100 * self.held // parts}%")
