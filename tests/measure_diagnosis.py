"""Measure how true the named lines are: python tests/measure_diagnosis.py [--loop transformer].

Each known mistake of tests/mistakes/ is given to its check. The script prints a table: how often
the exact line was named, a range, the function only, a wrong line, and the seconds it took.
"""

import argparse
import difflib
import importlib
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from tutor import diagnosis  # noqa: E402
from tutor.problem import Place, Problem  # noqa: E402
from tutor.runner import run  # noqa: E402
from tutor.worker import load_check  # noqa: E402

from tests.mistakes import VARIANTS, Mistake  # noqa: E402

STEMS = {
    "tokenizer": "01_tokenizer",
    "transformer": "02_transformer",
    "trainer": "03_training",
    "sampler": "04_generation",
}
VERDICTS = ["exact", "range", "function", "wrong", "missed"]


def mistakes(module: str) -> list[Mistake]:
    """Return all known mistakes of a module, those in held-out styles last."""
    names = [module, f"held_{module}"]
    return [m for n in names for m in importlib.import_module(f"tests.mistakes.{n}").MISTAKES]


def wrong_module(stem: str, mistake: Mistake) -> tuple[str, set[int]]:
    """Return the text of a wrong module, and the lines at which it is wrong."""
    right = (VARIANTS / stem / f"{mistake.base}.py").read_text(encoding="utf-8")
    wrong = right
    for old, new in mistake.edits:
        wrong = wrong.replace(old, new)
    one, two = right.splitlines(), wrong.splitlines()
    lines = {n for n, line in enumerate(two, 1) if line.strip() in mistake.also}
    for tag, _, _, first, last in difflib.SequenceMatcher(
        None, one, two, autojunk=False
    ).get_opcodes():
        if tag != "equal":  # of a missing line, both neighbours count
            lines |= set(range(first + 1, last + 1)) or {first, first + 1}
    return wrong, lines


def judge(place: Place | None, lines: set[int]) -> str:
    """Say what a named place is worth: exact, range (one of a few lines), function or wrong."""
    if place is None or place.last:
        return "function"
    named = {place.line, *(line for line, _ in place.others)}
    if place.after:
        named |= {line + 1 for line in named}
    if not named & lines:
        return "wrong"
    return "range" if place.others else "exact"


def measure(module: str, mistake: Mistake, folder: Path) -> tuple[str, float]:
    """Give one wrong module to its check. Returns the verdict, and the seconds of the diagnosis."""
    stem = STEMS[module]
    check = load_check(ROOT / "checks" / f"{stem}_test.py")
    text, lines = wrong_module(stem, mistake)
    file = folder / f"{mistake.name}.py"
    file.write_text(text, encoding="utf-8")
    failures = [e for e in run(Path(check.__file__), file) if e["event"] == "fails"]
    if not failures:
        return "missed", 0.0
    started = time.monotonic()
    problem = Problem.from_dict(failures[0]["problem"])
    found = diagnosis.diagnose(check, file, problem, failures[0]["number"])
    return judge(found.place, lines), time.monotonic() - started


def row(name: str, verdicts: list[str], seconds: list[float]) -> str:
    """Write one row of the table."""
    count = Counter(verdicts)
    shares = [f"{count[v]} ({100 * count[v] / len(verdicts):.0f} %)" for v in VERDICTS]
    times = f"{statistics.median(seconds):.1f} | {max(seconds):.1f}"
    return f"| {name} | {len(verdicts)} | {' | '.join(shares)} | {times} |"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loop", choices=STEMS, action="append", help="default: all four")
    parser.add_argument("--every", type=int, default=1, help="take every n-th mistake only")
    options = parser.parse_args()
    head = ["of", "mistakes", *VERDICTS, "median s", "worst s"]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    with tempfile.TemporaryDirectory() as folder:
        for module in options.loop or STEMS:
            groups: dict[str, list] = defaultdict(list)
            for mistake in mistakes(module)[:: options.every]:
                result = measure(module, mistake, Path(folder))
                held = "held-out styles" if mistake.base.startswith("held_") else "other styles"
                groups[f"{module}, {held}"].append(result)
                print(f"{result[0]:<9}{mistake.name}", file=sys.stderr, flush=True)
            for name, results in groups.items():
                print(row(name, *map(list, zip(*results))), flush=True)


if __name__ == "__main__":
    main()
