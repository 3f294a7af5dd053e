"""Runs a check within the test's own process: quick, and without a search for the line."""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tutor.facts.lab import Lab
from tutor.facts.words import LeftOut, facts_of, proven, title
from tutor.finding.time_limit import LOOK, TimeLimit, TooLong, limited
from tutor.finding.tryout import SLOW
from tutor.running import module
from tutor.running.child import load_check
from tutor.running.explain import explain
from tutor.running.problem import Problem
from tutor.running.records import Fails
from tutor.running.source import NotAProgram, Source, read

import mini_gpt
from mini_gpt.loops import Loop
from mini_gpt.paths import ROOT

LOAD_SECONDS = 5.0


def failure_on(loop: Loop, file: Path, trains: bool = False) -> Fails | None:
    """Run the facts of a check on a file.

    Args:
        loop: whose check it is.
        file: takes the place of the learner's module.
        trains: run the facts too that take long.

    Returns:
        What child.py would say of the first fact that does not hold, or None if all do.
    """
    limit = TimeLimit()
    with modules_as_before():
        try:
            source = read(file)
            lab = Lab(loaded(loop, source, limit))
        except NotAProgram as error:
            return Fails("the file can be run", -1, error.problem)
        except (Exception, SystemExit, TooLong) as error:
            return Fails("the file can be run", -1, explained(error, source))
        try:
            return first_failure(loop, source, lab, limit, trains)
        finally:
            lab.close()


def loaded(loop: Loop, source: Source, limit: TimeLimit) -> object:
    """Run a file as the learner's module. Its loops end when the time is over."""
    limit.allow(LOAD_SECONDS)
    bounded = replace(source, tree=limited(ast.parse(source.text)))
    learners = module.run(f"mini_gpt.{loop.module}", bounded, {LOOK: limit.look})
    for name in loop.names:
        if not hasattr(learners, name):
            raise NotAProgram(module.missing_name(learners, source, name, loop.names))
    return learners


def first_failure(
    loop: Loop, source: Source, lab: Lab, limit: TimeLimit, trains: bool
) -> Fails | None:
    """Run the facts until one does not hold. One that opens a page is left to tests/web."""
    facts = facts_of(load_check(ROOT / "checks" / f"{loop.stem}_test.py"))
    for number, fact in enumerate(facts):
        if not fact.searched or fact.seconds > SLOW and not trains:
            continue
        limit.allow(fact.seconds)
        lab.called = ""
        try:
            fact(lab)
        except LeftOut:
            continue
        except (Exception, SystemExit, TooLong) as error:
            known = {name for name in proven(facts, number) if name in loop.names}
            return Fails(title(fact), number, explained(error, source, fact.about, known))
    return None


def explained(error: BaseException, source: Source, *known: object) -> Problem:
    """Explain an exception. What takes too long is explained as watch.py does."""
    if isinstance(error, TooLong):
        return Problem("", "an end", "still busy: it never ends")
    return explain(error, source, *known)


def words_of(failure: Fails) -> str:
    """Return what a fact itself says: without the learner's own lines, and without a hint."""
    problem = failure.problem
    words = [failure.title, problem.called, problem.expected, problem.got, problem.likely]
    return "\n".join(words)


@contextmanager
def modules_as_before() -> Iterator[None]:
    """Leave the modules of mini_gpt as they were, for every form of import."""
    before = {name: value for name, value in sys.modules.items() if name.startswith("mini_gpt.")}
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.startswith("mini_gpt.")]:
            del sys.modules[name]
            vars(mini_gpt).pop(name.removeprefix("mini_gpt."), None)
        for name, value in before.items():
            module.install(name, value)
