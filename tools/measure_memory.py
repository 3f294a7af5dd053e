"""Measure how much memory a training on a large text takes: `python tools/measure_memory.py 1000`.

The numbers are sizes of texts in megabytes. Each text is made up, prepared, and trained on for a
few steps, all in one process that is not this one. What counts is the most memory it ever had.
"""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORDS = "red hen curled up hello world once upon our pond the quick brown fox".split()
MEGABYTE = 1_000_000
CHILD = """
import resource, sys
from mini_gpt.__main__ import main
unit = 1 if sys.platform == "darwin" else 1024
for text in sys.argv[1:]:
    if main(["train", text, "--folder", text + ".run", "--steps", "4", "--eval-every", "2"]):
        sys.exit("the training failed")
    print("\\nmost bytes", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
"""


def write_text(path: Path, megabytes: int) -> None:
    """Write a text of so many million bytes: a line of words, drawn anew for each million."""
    draw = random.Random(0)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for _ in range(megabytes):
            line = " ".join(draw.choices(WORDS, k=2_000)) + "\n"
            file.write((line * (MEGABYTE // len(line) + 1))[:MEGABYTE])


def measure(sizes: list[int]) -> list[int]:
    """Train on one text after the other.

    Args:
        sizes: of the texts, in megabytes.

    Returns:
        The most bytes that were in use up to the end of each training.

    Raises:
        RuntimeError: a training failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        texts = [Path(folder) / f"{number}.txt" for number in range(len(sizes))]
        for text, size in zip(texts, sizes):
            write_text(text, size)
        command = [sys.executable, "-c", CHILD, *map(str, texts)]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    if result.returncode:
        raise RuntimeError(result.stderr)
    lines = [line for line in result.stdout.splitlines() if line.startswith("most bytes")]
    return [int(line.split()[-1]) for line in lines]


if __name__ == "__main__":
    given = [int(size) for size in sys.argv[1:]] or [1, 100]
    for size, used in zip(given, measure(given)):
        print(f"{size:,} MB of text: at most {used / MEGABYTE:,.0f} MB of memory")
