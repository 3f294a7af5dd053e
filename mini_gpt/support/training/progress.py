"""How a training goes: the same lines on the terminal and in a file."""

import sys
import time
from pathlib import Path


def minutes(seconds: float) -> str:
    """Say how long that is."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


class Progress:
    """Tells lines to a person and to a log file. Between them, one line renews itself.

    Args:
        log: lines are added to this file.
        steps: how many steps there will be.
        done: how many there were before.
        aloud: of several processes, only one is to be heard.
    """

    def __init__(self, log: Path, steps: int, done: int = 0, aloud: bool = True):
        self.log = log
        self.steps = steps
        self.first = done
        self.started = time.monotonic()
        self.aloud = aloud
        self.live = aloud and sys.stdout.isatty()

    def say(self, text: str) -> None:
        """Tell a line, or several."""
        if not self.aloud:
            return
        print(f"\r{text:<78}" if self.live else text, flush=True)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(text + "\n")

    def tick(self, step: int, loss: float) -> None:
        """Renew the line of this step, where a terminal can do that."""
        if self.live:
            print(f"\r{self.line(step, loss):<78}", end="", flush=True)

    def line(self, step: int, loss: float, val_loss: float | None = None) -> str:
        """Describe a step: how far it is, both losses, how fast it goes, how long it will take."""
        rate = (step - self.first) / max(time.monotonic() - self.started, 1e-9)
        unseen = "" if val_loss is None else f"   unseen {val_loss:.3f}"
        left = minutes((self.steps - step) / max(rate, 1e-9))
        where = f"step {step:,}/{self.steps:,}   loss {loss:.3f}{unseen}"
        return f"{where}   {rate:.1f} steps/s   {left} left"
