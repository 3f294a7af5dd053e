"""The tables in docs/diagnosis.md are those of the kept results, which are of what there is.

The results themselves come from tools/measure.py: nothing is measured here.
"""

import pytest
from tutor.finding.growth import EVERY
from tutor.finding.search_child import FIRST
from tutor.slips.catalogue import SLIPS

from mini_gpt.loops import LOOPS
from tests.modules import UNSEEN, right_modules, tuning, wrong_modules
from tools import diagnosis_tables as tables
from tools.measure import kept

MEASURED = {result.loop for result in kept()} | {loop.module for loop in LOOPS if loop.is_core}
"""The loops that build the model must be measured. A challenge may be."""


@pytest.mark.slow
def test_page_has_the_kept_figures():
    """Making the tables again changes nothing."""
    page = tables.PAGE.read_text(encoding="utf-8")
    assert tables.filled(page, tables.tables(kept())) == page


@pytest.mark.parametrize("loop", sorted(MEASURED))
def test_kept_results_are_of_what_there_is(loop):
    """Each kept result is of a module that is there, and no style is left out, least an unseen."""
    there = {(wrong.style, wrong.name) for wrong in wrong_modules(loop)}
    own = [result for result in kept() if result.loop == loop]
    wrong = {(result.style, result.name) for result in own if result.name}
    assert wrong <= there and len(wrong) >= len(there) // 3
    assert wrong >= {(style, name) for style, name in there if tuning(loop)[style] == UNSEEN}
    right = [result.style for result in own if not result.name]
    assert sorted(right) == [file.stem for file in right_modules(loop)]


def test_nothing_is_missed_or_refused():
    """By the kept results, every wrong module was caught, and every right one accepted."""
    assert not {result.verdict for result in kept()} & {"missed", "refused"}


def test_empty_page_can_be_filled():
    """A page whose tables are still empty gets them, and filling it again changes nothing."""
    names = ["one", "two"]
    page = "".join(f"text\n<!-- table: {name} -->\n<!-- end -->\n" for name in names)
    once = tables.filled(page, {name: f"| {name} |" for name in names})
    assert "-->\n| one |\n<!-- end -->\ntext\n" in once
    assert tables.filled(once, {name: f"| {name} |" for name in names}) == once


def test_the_page_counts_what_there_is():
    """How many slips and forms there are, and how many changes are tried, is said as it is."""
    page = " ".join(tables.PAGE.read_text(encoding="utf-8").split())
    assert f"there are {len(SLIPS)} slips" in page and f"knows {len(EVERY)} forms" in page
    assert f"behind the first {FIRST} are left out" in page
    assert f"A check tries {LOOPS[0].changes:,} of these at most" in page
