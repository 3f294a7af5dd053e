"""Known mistakes are caught, and their lines are named. measure_diagnosis.py takes all of them."""

import ast
import re

import pytest
from tutor.finding import diagnosis
from tutor.finding.prover import LOADING, Prover
from tutor.finding.time_limit import counted
from tutor.running.child import load_check
from tutor.running.parent import run
from tutor.running.problem import Problem
from tutor.running.source import Source, read
from tutor.telling import report

from tests.measure_diagnosis import ROOT, STEMS, judge, mistakes, wrong_module
from tests.mistakes import VARIANTS

EVERY = 4
SAMPLE = [(m, mistake) for m in STEMS for mistake in mistakes(m)[::EVERY]]
NAMED = [
    ("tokenizer", "order_sorted_stoi"),
    ("tokenizer", "unknown_raises_key_error_stoi"),
    ("transformer", "scale_missing_nano"),
    ("trainer", "target_not_shifted_held_notebook"),
    ("sampler", "temperature_multiplied_held_spanish"),
]


def is_program(text: str) -> bool:
    """Tell whether a text is Python."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("module", STEMS)
def test_collection(module):
    """Every loop has enough mistakes, in several styles, each made by a change of one text."""
    every = mistakes(module)
    assert len(every) >= 30 and len({m.name for m in every}) == len(every)
    assert len({m.base for m in every}) >= 8
    for mistake in every:
        text = (VARIANTS / STEMS[module] / f"{mistake.base}.py").read_text(encoding="utf-8")
        assert all(text.count(old) == 1 and old != new for old, new in mistake.edits), mistake.name


@pytest.fixture(scope="module", autouse=True)
def modules_as_before():
    """Leave the modules of mini_gpt in sys.modules as they were."""
    import sys

    kept = {name: sys.modules.get(f"mini_gpt.{name}") for name in STEMS}
    yield
    for name, before in kept.items():
        sys.modules.pop(f"mini_gpt.{name}", None)
        if before is not None:
            sys.modules[f"mini_gpt.{name}"] = before


@pytest.mark.filterwarnings("ignore")  # wrong code may warn, that is its right
@pytest.mark.parametrize(
    ("module", "mistake"), SAMPLE, ids=lambda value: str(getattr(value, "name", value))
)
def test_mistake_is_caught(module, mistake, tmp_path):
    """A fact does not hold on a module with a known mistake."""
    text, _ = wrong_module(STEMS[module], mistake)
    if not is_program(text):
        return
    file = tmp_path / "wrong.py"
    file.write_text(text, encoding="utf-8")
    check = load_check(ROOT / "checks" / f"{STEMS[module]}_test.py")
    source = Source(file, text, counted(ast.parse(text)))
    assert Prover(check, source, LOADING).reach(source) < len(Prover(check, source, LOADING).facts)


@pytest.mark.parametrize(("module", "name"), NAMED)
def test_line_is_named(module, name, tmp_path):
    """The report names the very line, and says what a learner needs to hear."""
    mistake = next(m for m in mistakes(module) if m.name == name)
    text, lines = wrong_module(STEMS[module], mistake)
    file = tmp_path / "wrong.py"
    file.write_text(text, encoding="utf-8")
    check = load_check(ROOT / "checks" / f"{STEMS[module]}_test.py")
    failure = next(
        e for e in run(ROOT / "checks" / f"{STEMS[module]}_test.py", file) if e["event"] == "fails"
    )
    problem = Problem.from_dict(failure["problem"])
    found = diagnosis.diagnose(check, file, problem, failure["number"])
    assert judge(found.place, lines, read(file)) == "exact"
    said = "\n".join(report.failure(failure["title"], found) + report.hint(found))
    assert re.search(mistake.says, said, re.IGNORECASE)
