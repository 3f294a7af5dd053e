"""How long a learner waits for each check: python tools/speed.py [ROUNDS].

Prints each check's time as a multiple of a program that only imports torch (or only starts, where a
check needs no torch). Both are measured in turns on one machine, so a busy one shifts them alike.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from mini_gpt.loops import LOOPS  # noqa: E402
from tests.conftest import Tree  # noqa: E402

START = ("-c", "pass")
TORCH = ("-c", "import torch")
# In their order: loop 3 makes the model.pt that loop 4 uses.
CHECKS = {loop.stem: TORCH if loop.torch else START for loop in LOOPS}


def seconds(tree: Tree, *arguments: str) -> float:
    """Return how long Python takes with these arguments. It must succeed."""
    started = time.perf_counter()
    result = tree.python(*arguments)
    if result.returncode:
        sys.exit(f"python {' '.join(arguments)} failed:\n{result.stdout}{result.stderr}")
    return time.perf_counter() - started


def measure(tree: Tree, rounds: int) -> dict[tuple[str, ...], float]:
    """Run everything in turns. Returns the median of each command."""
    commands = [START, TORCH, *((f"checks/{stem}_test.py",) for stem in CHECKS)]
    times = {command: [] for command in commands}
    for number in range(rounds + 1):  # the first round only fills the caches
        for command in commands:
            took = seconds(tree, *command)
            if number:
                times[command].append(took)
    return {command: statistics.median(taken) for command, taken in times.items()}


def main(rounds: int = 5) -> None:
    """Measure, and print a row for each check."""
    with tempfile.TemporaryDirectory() as folder:
        medians = measure(Tree(Path(folder) / "tree"), rounds)
    print(f"medians of {rounds} rounds")
    for stem, base in CHECKS.items():
        took = medians[f"checks/{stem}_test.py",]
        ratio = took / medians[base]
        against = f'python -c "{base[1]}"'
        print(f"{stem:<15}{took:6.2f} s = {ratio:5.1f} x {against} ({medians[base]:.2f} s)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
