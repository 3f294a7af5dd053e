"""What does a learner see before a change, and after it? Compare the reports of two checkouts.

    git worktree add ../before COMMIT
    python tools/compare_reports.py ../before             all known wrong modules (hours)
    python tools/compare_reports.py ../before --every 8   each 8th only

Each wrong module is given to the check here, and to the one there. The reports are the same, or
they have other words, or only one of them names the right line: "gained" here, or "lost".
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from mini_gpt.loops import loop_with  # noqa: E402
from tests.modules import KNOWN, WITH_MODULES, Wrong, tuning, wrong_modules  # noqa: E402

ROW = re.compile(r"^ {7}(\w[\w ]*?)  +(.+)$", re.MULTILINE)
"""One row of a report, such as "       likely    the characters are sorted"."""
WAYS_ON = ("next", "pair", "diary")


def report(checkout: Path, wrong: Wrong, file: Path) -> list[tuple[str, str]]:
    """Return what the check of a checkout says about a file: the fact that fails, then its rows."""
    told = subprocess.run(
        [sys.executable, f"checks/{loop_with(wrong.loop).stem}_test.py", str(file)],
        cwd=checkout,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ).stdout
    if "facts hold" not in told:
        raise RuntimeError(f"the check in {checkout} says nothing of its facts:\n{told}")
    failed = re.findall(r"❌ (.+)", told) or ["all facts hold"]
    rows = [row for row in ROW.findall(told[told.find("❌") :]) if row[0] not in WAYS_ON]
    return [("fact", failed[0]), *rows]


def names_it(rows: list[tuple[str, str]], file: Path, lines: set[int]) -> bool:
    """Tell whether one line is named, and is one of those at fault."""
    for key, words in rows:
        if key in ("line", "after") and (
            found := re.match(rf"{re.escape(str(file))}:(\d+)", words)
        ):
            number = int(found[1])
            return bool({number, number + (key == "after")} & lines)
    return False


def compare(wrong: Wrong, before: Path, file: Path) -> tuple[str, list[str]]:
    """Return what became of a report, and the rows that are not in both."""
    text, lines = wrong.made()
    file.write_text(text, encoding="utf-8")
    old, new = (report(checkout, wrong, file) for checkout in (before, ROOT))
    if old == new:
        return "same", []
    right = names_it(old, file, lines), names_it(new, file, lines)
    verdict = {(True, False): "lost", (False, True): "gained"}.get(right, "other words")
    rows = [f"- {key:<10}{words}" for key, words in old if (key, words) not in new]
    rows += [f"+ {key:<10}{words}" for key, words in new if (key, words) not in old]
    return verdict, rows


def main() -> None:
    """Compare, print what differs as it comes, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path, help="a checkout of an earlier commit")
    parser.add_argument("--loop", choices=WITH_MODULES, action="append", help="default: every one")
    parser.add_argument("--every", type=int, default=1, help="take every n-th module only")
    options = parser.parse_args()
    count: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for loop in options.loop or WITH_MODULES:
            known = [one for one in wrong_modules(loop) if tuning(loop)[one.style] == KNOWN]
            for wrong in known[:: options.every]:
                verdict, rows = compare(
                    wrong, options.before.resolve(), Path(folder).resolve() / "module.py"
                )
                count[verdict] += 1
                print(f"{verdict:<12} {wrong.loop} {wrong.style} {wrong.name}", *rows, sep="\n    ")
                sys.stdout.flush()
    print(", ".join(f"{number} {verdict}" for verdict, number in count.most_common()))


if __name__ == "__main__":
    main()
