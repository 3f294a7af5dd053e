"""Runs a check on a file within the test's own process: quick, and without a search for the line."""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from tutor import module, report
from tutor.explain import explain
from tutor.facts import facts_of, proven, title
from tutor.lab import Lab
from tutor.problem import ROOT, Problem
from tutor.prover import SLOW, forget_state
from tutor.rounds import COUNTER, Rounds, TooLong, counted
from tutor.source import NotAProgram, Source, read
from tutor.worker import load_check

ENOUGH = 2.0
"""The seconds of work that a file, or a fact that trains nothing, may take."""
HANGS = Problem("", "an end", "it never ends")


def check_of(stem: str) -> ModuleType:
    """Load a check, such as "01_tokenizer"."""
    return load_check(ROOT / "checks" / f"{stem}_test.py")


def report_on(stem: str, file: Path, trains: bool = False) -> str:
    """Run the facts of a check on a file.

    Args:
        stem: the check, such as "03_training".
        file: takes the place of the learner's module.
        trains: run the facts too that take long.

    Returns:
        What the check says about the first fact that does not hold, or "" if all do.
    """
    with modules_as_before():
        heading, problem = first_problem(check_of(stem), file, trains)
    return "\n".join(report.failure(heading, problem)) if problem else ""


def first_problem(check: ModuleType, file: Path, trains: bool) -> tuple[str, Problem | None]:
    """Return the title of the first fact that does not hold, and the problem."""
    rounds, heading = Rounds(), "the file can be run"
    try:
        source = read(file)
        rounds.allow(ENOUGH)
        learners = loaded(check, source, rounds)
    except TooLong:
        return heading, HANGS
    except NotAProgram as error:
        return heading, error.problem
    except (Exception, SystemExit) as error:
        return heading, explain(error, source)
    for name in check.NAMES:
        if not hasattr(learners, name):
            return heading, module.missing_name(learners, source, name, check.NAMES)
    lab = Lab(learners)
    try:
        return first_failure(check, source, lab, rounds, trains)
    finally:
        lab.close()


def loaded(check: ModuleType, source: Source, rounds: Rounds) -> ModuleType:
    """Run a file as the learner's module, with loops that can be stopped."""
    forget_state()
    bounded = replace(source, tree=counted(ast.parse(source.text)))
    return module.run(f"mini_gpt.{check.MODULE}", bounded, {COUNTER: rounds.count})


def first_failure(
    check: ModuleType, source: Source, lab: Lab, rounds: Rounds, trains: bool
) -> tuple[str, Problem | None]:
    """Run the facts until one does not hold."""
    facts = facts_of(check)
    for number, fact in enumerate(facts):
        if fact.seconds > SLOW and not trains:
            continue
        rounds.allow(max(ENOUGH, fact.seconds * trains))
        lab.called = ""
        try:
            fact(lab)
        except TooLong:
            return title(fact), HANGS
        except (Exception, SystemExit) as error:
            known = {name for name in proven(facts, number) if name in check.NAMES}
            return title(fact), explain(error, source, fact.about, known)
    return "", None


@contextmanager
def modules_as_before() -> Iterator[None]:
    """Leave the modules of mini_gpt in sys.modules as they were."""
    before = {name: value for name, value in sys.modules.items() if name.startswith("mini_gpt.")}
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.startswith("mini_gpt.")]:
            del sys.modules[name]
        sys.modules.update(before)
