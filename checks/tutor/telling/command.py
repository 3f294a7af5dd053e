"""`python checks/NN_stem_test.py [FILE]`: run a check, and print what comes out."""

import argparse
import sys
import time
from pathlib import Path

from mini_gpt.loops import Loop, loop_of
from mini_gpt.paths import ROOT
from tutor.finding.diagnosis import Diagnosis
from tutor.running.parent import run
from tutor.running.problem import short
from tutor.telling import console, diary, repair_prompt
from tutor.telling.printer import Printer


def parse(loop: Loop, arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line of a check."""
    default = ROOT / "mini_gpt" / f"{loop.module}.py"
    parser = argparse.ArgumentParser(
        prog=f"python checks/{loop.stem}_test.py", description=f"Check {loop.title}."
    )
    parser.add_argument("file", nargs="?", default=default, help=f"default: {short(default)}")
    for flag, text in {
        "--hint": "after a failure, say in which direction to look",
        "--fix": "after a failure, show the change that was proven to help (nothing is edited)",
        "--prompt": "after a failure, print a repair prompt to paste into an LLM",
        "--watch": "check again whenever the file is saved; Ctrl-C ends it",
        "--diary": "add this attempt to vibes.md",
    }.items():
        parser.add_argument(flag, action="store_true", help=text)
    return parser.parse_args(arguments)


def main(check: str, arguments: list[str] | None = None) -> int:
    """Run a check as a program.

    Args:
        check: the check's file. Its name tells the loop.
        arguments: the command line, without the program's name.

    Returns:
        0 if every fact holds, else 1.
    """
    console.prepare()
    options = parse(loop_of(check), arguments)
    try:
        return watch(Path(check), options) if options.watch else attempt(Path(check), options)
    except KeyboardInterrupt:
        print("\n  Stopped.")
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our lines has gone; there is nobody to tell
        return 1


def watch(check: Path, options: argparse.Namespace) -> int:
    """Check again each time the file is saved, until Ctrl-C."""
    path = Path(options.file)
    while True:
        saved = path.stat().st_mtime if path.exists() else 0
        attempt(check, options)
        print(f"  🔎 waiting for {short(path)} to be saved (Ctrl-C ends it)", flush=True)
        while (path.stat().st_mtime if path.exists() else 0) == saved:
            time.sleep(0.5)


def attempt(check: Path, options: argparse.Namespace) -> int:
    """Check a file once, and return the exit status."""
    loop, file = loop_of(check), Path(options.file).resolve()
    printer = Printer(f"Loop {loop.number} · {loop.module}: {short(file)}")
    printer.next_step = f"docs/{loop.stem}.md · repair prompt: {again(loop, file)} --prompt"
    printer.hint, printer.fix = options.hint, options.fix
    printer.find = lambda failure: Diagnosis(
        check.resolve(), file, printer.facts, printer.on_progress
    ).of(failure)
    status = printer.follow(run(check.resolve(), file))
    if options.diary:
        print(f"  {diary.note(loop, printer.verdict)}")
    if options.prompt:
        print(repair_prompt.prompt(loop.stem, file, printer.report) or "  Nothing to repair.")
    return status


def again(loop: Loop, file: Path) -> str:
    """Return the command that checks the same file again."""
    command = f"python checks/{loop.stem}_test.py"
    is_usual = file == ROOT / "mini_gpt" / f"{loop.module}.py"
    return command if is_usual else f"{command} {short(file)}"
