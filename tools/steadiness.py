"""Is the report the same on a quiet machine and on a busy one? python tools/steadiness.py

Wrong modules are given to their checks: alone with one process and with two, and beside other
programs that keep every processor busy. The reports must be equal, byte for byte.
"""

import argparse
import difflib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from tests.modules import WITH_MODULES, Wrong, wrong_modules  # noqa: E402
from tools.reports import report  # noqa: E402

BUSY = "while True: pass"


def full_report(wrong: Wrong, folder: str, processes: int) -> str:
    """Return all that a check can say about a wrong module, searched by so many processes."""
    ways = {"MINI_GPT_PROCESSES": str(processes)}
    return report(wrong, Path(folder).resolve(), "--fix", "--hint", **ways)


@contextmanager
def load(programs: int) -> Iterator[None]:
    """Keep so many programs busy meanwhile."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(programs)]
    try:
        yield
    finally:
        for program in busy:
            program.kill()
            program.wait()


def main() -> int:
    """Compare the reports. Returns 1 if two of them differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modules", type=int, default=20, help="how many, default 20")
    parser.add_argument("--load", type=int, default=4, help="busy programs, default 4")
    options = parser.parse_args()
    every = [wrong for loop in WITH_MODULES for wrong in wrong_modules(loop)]
    differ = 0
    with tempfile.TemporaryDirectory() as folder:
        for wrong in every[:: max(1, len(every) // options.modules)][: options.modules]:
            alone = full_report(wrong, folder, 1)
            others = [full_report(wrong, folder, 2)]
            with load(options.load):
                others.append(full_report(wrong, folder, 2))
            same = all(other == alone for other in others)
            differ += not same
            print(f"{'same' if same else 'DIFFERENT'}  {wrong.loop} {wrong.style} {wrong.name}")
            for other in others if not same else []:
                print(*difflib.unified_diff(alone.splitlines(), other.splitlines()), sep="\n")
    print(f"{options.modules - differ} of {options.modules} reports are the same")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
