"""What does a learner see before a change, and after it? Compare the reports of two checkouts.

    git worktree add ../before COMMIT
    python tools/compare_reports.py ../before             all known wrong modules (hours)
    python tools/compare_reports.py ../before --every 8   each 8th only

Each wrong module is given to the check here, and to the one there. The reports are the same, or
they have other words, or only one of them names the very line: "gained" here, or "lost".
"""

import argparse
import ast
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from tutor.running.problem import Place  # noqa: E402
from tutor.running.source import Source  # noqa: E402

from tests.modules import KNOWN, WITH_MODULES, Wrong, tuning, wrong_modules  # noqa: E402
from tools.measure import judge  # noqa: E402
from tools.reports import report  # noqa: E402

PLACE = re.compile(r"^ {7}(line|after|one of|stopped) .*?\.py:(\d+).*\n((?: {17}.*\n)*)", re.M)
"""The lines that a report names: how, the first one, and those below it."""
NUMBER = re.compile(r"\.py:(\d+)    ")


def failed(printed: str) -> list[str]:
    """Return the lines of a report about the fact that fails, without the way on."""
    if "facts hold" not in printed:
        raise RuntimeError(f"a check says nothing of its facts:\n{printed}")
    lines = printed[printed.find("❌") :].splitlines() if "❌" in printed else ["all facts hold"]
    return [
        line for line in lines if "facts hold" not in line and not line.startswith(" " * 7 + "next")
    ]


def place_in(printed: str) -> Place | None:
    """Return the place that a report names, None if it names no line."""
    found = PLACE.search(printed)
    if not found:
        return None
    label, line, more = found.groups()
    others = [(int(number), "") for number in NUMBER.findall(more)]
    how = {"after": label == "after", "stopped": label == "stopped"}
    return Place("", int(line), others=others, **how)


def compare(wrong: Wrong, before: Path, folder: Path) -> tuple[str, list[str]]:
    """Return what became of a report, and the lines that are not in both."""
    text, lines = wrong.made()
    source = Source(folder, text, ast.Module([], []))  # it need not be Python
    printed = [report(wrong, folder, checkout=checkout) for checkout in (before, ROOT)]
    old, new = map(failed, printed)
    if old == new:
        return "same", []
    right = tuple(judge(place_in(one), lines, source) == "exact" for one in printed)
    verdict = {(True, False): "lost", (False, True): "gained"}.get(right, "other words")
    rows = [f"- {line.strip()}" for line in old if line not in new]
    return verdict, rows + [f"+ {line.strip()}" for line in new if line not in old]


def main() -> None:
    """Compare, print what differs as it comes, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path, help="a checkout of an earlier commit")
    parser.add_argument("--loop", choices=WITH_MODULES, action="append", help="default: every one")
    parser.add_argument("--every", type=int, default=1, help="take every n-th module only")
    options = parser.parse_args()
    count: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        before, folder = options.before.resolve(), Path(name).resolve()
        for loop in options.loop or WITH_MODULES:
            known = [one for one in wrong_modules(loop) if tuning(loop)[one.style] == KNOWN]
            for wrong in known[:: options.every]:
                verdict, rows = compare(wrong, before, folder)
                count[verdict] += 1
                print(f"{verdict:<12} {wrong.loop} {wrong.style} {wrong.name}", *rows, sep="\n    ")
                sys.stdout.flush()
    print(", ".join(f"{number} {verdict}" for verdict, number in count.most_common()))


if __name__ == "__main__":
    main()
