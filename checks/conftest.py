"""Lets `python -m pytest` run the facts of the checks, on the learner's modules in mini_gpt/."""

import gc
import sys
from pathlib import Path

import pytest

CHECKS = Path(__file__).resolve().parent
sys.path[:0] = [str(CHECKS), str(CHECKS.parent)]

from tutor.facts.lab import Lab  # noqa: E402
from tutor.facts.words import LeftOut, Wrong  # noqa: E402
from tutor.running import module, source  # noqa: E402
from tutor.running.source import NotAProgram  # noqa: E402

from mini_gpt.loops import loop_of  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def one_thread(request):
    """Compute with one thread, as the checks do. Loop 1 does not even need torch."""
    if not loop_of(request.path).torch:
        yield
        return
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def lab(request):
    """The lab of one check: the learner's module, run afresh. No model is kept."""
    name = f"mini_gpt.{loop_of(request.path).module}"
    before = sys.modules.get(name)
    learners = module.run(name, source.read(CHECKS.parent / (name.replace(".", "/") + ".py")))
    one = Lab(learners)
    yield one
    one.close()
    if before is not None:
        module.install(name, before)
    gc.collect()  # what the learner's code left open is warned of here, and not in a later test


def pytest_collection_modifyitems(items):
    """Show warnings of the learner's code, but do not take them for mistakes."""
    for item in items:
        if item.path.parent == CHECKS:
            item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Skip a fact that nobody can look at here, and say why."""
    try:
        return (yield)
    except LeftOut as why:
        pytest.skip(str(why))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show what a fact that does not hold says, without the lines of the check itself."""
    report = yield
    if call.excinfo is not None and call.excinfo.errisinstance((Wrong, NotAProgram)):
        problem = getattr(call.excinfo.value, "problem", call.excinfo.value)
        words = ["called", "expected", "got", "likely"]
        rows = [f"{word:<10}{getattr(problem, word)}" for word in words if getattr(problem, word)]
        place = getattr(problem, "place", None)
        if place is not None:
            rows.append(f"{'line':<10}{place.file}:{place.line}    {place.text}")
        report.longrepr = "\n".join(rows)
    return report
