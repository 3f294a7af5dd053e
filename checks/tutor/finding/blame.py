"""Blames the right loop: a check may fail because of an earlier module of the learner's."""

from collections.abc import Iterable
from pathlib import Path

from mini_gpt.loops import Loop, loop_with
from mini_gpt.paths import ROOT
from tutor.running.parent import run
from tutor.running.records import Holds


def culprit(check: Path, file: Path, needs: Iterable[str], failed: int) -> Loop | None:
    """Return the earlier loop with whose borrowed module the failed fact holds.

    Args:
        check: the check's file.
        file: the file that is checked.
        needs: the other modules that the fact uses, such as "tokenizer".
        failed: the number of the fact that failed.
    """
    for name in needs:
        if is_own(name) and reach(check, file, name) > failed:
            return loop_with(name)
    return None


def is_own(name: str) -> bool:
    """Tell whether a module of mini_gpt is the learner's, not the borrowed one."""
    text = (ROOT / "mini_gpt" / f"{name}.py").read_text(encoding="utf-8", errors="replace")
    return f"from scaffolds.reference.{name} import" not in text


def reach(check: Path, file: Path, borrowed: str) -> int:
    """Return how many facts hold when one module is borrowed."""
    return sum(isinstance(record, Holds) for record in run(check, file, borrowed=borrowed))
