"""What a check prints about a wrong module, for those who compare reports."""

import os
import subprocess
import sys
from pathlib import Path

from mini_gpt.loops import loop_with
from mini_gpt.paths import ROOT
from tests.modules import Wrong


def report(
    wrong: Wrong, folder: Path, *flags: str, checkout: Path = ROOT, **environment: str
) -> str:
    """Return what a check prints about a wrong module.

    Args:
        wrong: the module. It is written into the folder, so that its name is always the same.
        folder: an absolute path.
        flags: of the check, such as --fix.
        checkout: whose check it is.
        environment: variables for the check, besides those that are there.
    """
    file = folder / f"{wrong.loop}_{wrong.name}.py"
    file.write_text(wrong.made()[0], encoding="utf-8")
    check = checkout / "checks" / f"{loop_with(wrong.loop).stem}_test.py"
    return subprocess.run(
        [sys.executable, str(check), str(file), *flags],
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ).stdout
