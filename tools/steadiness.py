"""Is the report the same on a quiet machine and on a busy one? python tools/steadiness.py

Wrong modules are given to their checks: alone with one process and with two, and beside other
programs that keep every processor busy. The reports must be equal, byte for byte.
"""

import argparse
import difflib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "checks")]

from mini_gpt.loops import loop_with  # noqa: E402
from tests.modules import WITH_MODULES, Wrong, wrong_modules  # noqa: E402

BUSY = "while True: pass"


def report(wrong: Wrong, folder: Path, processes: int) -> str:
    """Return what a check prints about a wrong module."""
    file = folder / f"{wrong.loop}_{wrong.name}.py"
    file.write_text(wrong.made()[0], encoding="utf-8")
    check = ROOT / "checks" / f"{loop_with(wrong.loop).stem}_test.py"
    return subprocess.run(
        [sys.executable, str(check), str(file), "--fix", "--hint"],
        env=os.environ | {"MINI_GPT_PROCESSES": str(processes), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ).stdout


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
            alone = report(wrong, Path(folder), 1)
            others = [report(wrong, Path(folder), 2)]
            with load(options.load):
                others.append(report(wrong, Path(folder), 2))
            same = all(other == alone for other in others)
            differ += not same
            print(f"{'same' if same else 'DIFFERENT'}  {wrong.loop} {wrong.style} {wrong.name}")
            for other in others if not same else []:
                print(*difflib.unified_diff(alone.splitlines(), other.splitlines()), sep="\n")
    print(f"{options.modules - differ} of {options.modules} reports are the same")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
