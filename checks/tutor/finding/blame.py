"""Blames the right loop: a check may fail because of an earlier module of the learner's."""

from collections.abc import Iterable
from pathlib import Path

from mini_gpt.loops import Loop, loop_with
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
        if not loop_with(name).is_borrowed() and reach(check, file, name) > failed:
            return loop_with(name)
    return None


def reach(check: Path, file: Path, borrowed: str) -> int:
    """Return how many facts hold when one module is borrowed."""
    return sum(isinstance(record, Holds) for record in run(check, file, borrowed=borrowed))
