"""docs/diagnosis.md tells what was measured, and what was measured is what there is."""

import importlib.util

import pytest

from tests.measure_diagnosis import ROOT, STEMS, VARIANTS, collected, kept


@pytest.fixture(scope="module")
def maker():
    """Load docs/make_diagnosis.py."""
    path = ROOT / "docs" / "make_diagnosis.py"
    spec = importlib.util.spec_from_file_location("make_diagnosis", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_has_the_kept_figures(maker):
    """Making the tables again changes nothing."""
    page = maker.PAGE.read_text(encoding="utf-8")
    assert maker.filled(page, maker.tables(kept())) == page


@pytest.mark.parametrize("module", STEMS)
def test_kept_figures_are_of_what_there_is(module):
    """Each kept result is of a known mistake or module, and no style or collection is left out."""
    mistakes = {mistake.name: group for group, mistake in collected(module)}
    own = [result for result in kept() if result.loop == module]
    wrong = [result for result in own if result.collection != "right"]
    assert all(mistakes.get(result.name) == result.collection for result in wrong)
    assert len(wrong) >= len(mistakes) // 3
    assert {result.collection for result in wrong} == set(mistakes.values())
    variants = {path.stem for path in (VARIANTS / STEMS[module]).glob("*.py")}
    assert {result.style for result in own if result.collection == "right"} == variants


def test_nothing_is_missed_or_refused():
    """Every known mistake was caught, and every correct module accepted."""
    assert not {result.verdict for result in kept()} & {"missed", "refused"}


def test_empty_page_can_be_filled(maker):
    """A page whose tables are still empty gets them, and filling it again changes nothing."""
    names = ["one", "two"]
    page = "".join(f"text\n<!-- table: {name} -->\n<!-- end -->\n" for name in names)
    once = maker.filled(page, {name: f"| {name} |" for name in names})
    assert "-->\n| one |\n<!-- end -->\ntext\n" in once
    assert maker.filled(once, {name: f"| {name} |" for name in names}) == once
