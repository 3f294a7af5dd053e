"""Blames the right loop: a check may fail because of an earlier module of the learner's."""

import importlib
import sys
from pathlib import Path

from tutor.problem import ROOT
from tutor.runner import run

STEMS = {"tokenizer": "01_tokenizer", "transformer": "02_transformer", "trainer": "03_training"}
NEEDED = {
    "trainer": ["tokenizer", "transformer"],
    "sampler": ["tokenizer", "transformer", "trainer"],
}


def culprit(check: Path, file: Path, module: str, failed: int) -> str | None:
    """Return the earlier module of the learner's with whose borrowed form the failed fact holds.

    Args:
        check: the check's file.
        file: the file that is checked.
        module: its module, such as "trainer".
        failed: the number of the fact that failed.
    """
    for name in NEEDED.get(module, []):
        if is_own(name) and reach(check, file, name) > failed:
            return name
    return None


def is_own(name: str) -> bool:
    """Tell whether a module of mini_gpt is the learner's, not the borrowed one."""
    text = (ROOT / "mini_gpt" / f"{name}.py").read_text(encoding="utf-8", errors="replace")
    return f"from scaffolds.reference.{name} import" not in text


def reach(check: Path, file: Path, borrowed: str) -> int:
    """Return how many facts hold when one module is borrowed."""
    events = run(check, file, borrowed=borrowed)
    return sum(event["event"] == "holds" for event in events)


def borrow(name: str) -> None:
    """Put the reference in the place of a module of mini_gpt, for this process."""
    reference = importlib.import_module(f"scaffolds.reference.{name}")
    sys.modules[f"mini_gpt.{name}"] = reference
    setattr(importlib.import_module("mini_gpt"), name, reference)
