"""The costs of the slips come from counts, and not from the style that is being measured."""

from tutor.slips import worth
from tutor.slips.catalogue import SLIPS

from tests.modules import KNOWN, tuning


def test_counts_are_of_this_catalogue():
    """What is kept belongs to slips that exist, and no style that is unseen was counted."""
    kept = worth.kept()
    assert set(kept) <= set(SLIPS)
    styles = {style for one in kept.values() for style in one.right}
    assert styles
    assert all(tuning(loop)[style] == KNOWN for loop, style in (s.split("/") for s in styles))


def test_a_style_can_be_left_out(monkeypatch):
    """A slip that was right in one style only costs more while this style is measured."""
    rare = next(slip for slip, one in worth.kept().items() if len(one.right) == 1)
    monkeypatch.delenv(worth.LEFT_OUT, raising=False)
    usual = worth.cost_of(rare)
    monkeypatch.setenv(worth.LEFT_OUT, worth.kept()[rare].right[0])
    assert worth.cost_of(rare) > usual


def test_more_often_right_costs_less():
    """The more often a slip is right, of as many changes, the less it costs."""
    costs = [worth.Worth(1000, ("a/b",) * right).bits("") for right in (0, 1, 4, 16)]
    assert costs == sorted(costs, reverse=True) and len(set(costs)) == 4
