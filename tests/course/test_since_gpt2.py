"""The page about the modern model says what was measured."""

import re
import statistics

import pytest

from mini_gpt.paths import ROOT
from mini_gpt.support.modern_gpt import INGREDIENTS
from tools.modern_losses import ALL, KINDS, NONE, OLD, WIDE, losses, table

PAGE = (ROOT / "docs" / "since_gpt2.md").read_text(encoding="utf-8")
BENCHMARKS = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def test_table():
    """The table is the one of the kept losses, three of each kind."""
    assert table() in PAGE
    found = {kind: values for (kind, steps), values in losses().items() if steps == 1000}
    assert all(len(values) == 3 for values in found.values()) and set(found) == {OLD, *KINDS}


def test_sum():
    """What is lost without each ingredient is added up rightly, from the numbers that are shown."""
    found = {kind: statistics.mean(losses()[kind, 1000]) for kind in KINDS}
    lost = [round(found[f"all but {name}"] - found[ALL], 3) for name in INGREDIENTS]
    assert f"make {sum(lost):.3f} together" in PAGE
    assert f"it is {found[NONE] - found[ALL]:.3f}" in PAGE


@pytest.mark.parametrize("name", INGREDIENTS)
def test_every_ingredient_is_told(name):
    """Each ingredient has a paragraph of its own."""
    assert f"** (`{name}`)." in PAGE


@pytest.mark.parametrize(
    ("name", "kind", "steps"),
    [
        ("as it comes", OLD, 750),
        ("as it comes", OLD, 1000),
        ("with `--n-embd 96`", WIDE, 2000),
        ("with `--modern`", ALL, 1000),
        ("with `--modern`", ALL, 2000),
    ],
)
def test_losses_beside_nanogpt(name, kind, steps):
    """The page about speed shows the same losses, and says of how many trainings they are."""
    values = losses()[kind, steps]
    times = {1: "once", 3: "mean of three"}[len(values)]
    row = rf"\| ours {name}, {times} \| {steps:,} \| \d+ % \| {statistics.mean(values):.2f} \|"
    assert re.search(row, BENCHMARKS)
