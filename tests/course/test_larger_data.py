"""What the page of challenge 05 says was measured."""

import csv
import re

from mini_gpt.paths import ROOT

PAGE = " ".join((ROOT / "docs" / "05_larger_data.md").read_text(encoding="utf-8").split())


def measured(name):
    """Return what was measured under a name, in the order of the steps."""
    with (ROOT / "docs" / "book_losses.csv").open(encoding="utf-8", newline="") as file:
        return [(int(step), float(loss)) for kind, step, loss in csv.reader(file) if kind == name]


def test_losses_of_the_page():
    """The page tells the losses that were measured, and the step at which the weights were best."""
    unseen = measured("unseen text")
    best = min(unseen, key=lambda row: row[1])[0]
    told = re.search(r"The orange one turns: ([\d., *]+\d)\. After step (\d+)", PAGE)
    assert told[1].replace("*", "") == ", ".join(f"{loss:.2f}" for _, loss in unseen)
    assert int(told[2]) == best
    train = [loss for _, loss in measured("training text")]
    assert f"falls from {train[0]:.2f} to {train[-1]:.2f}" in PAGE


def test_better_than_pairs():
    """Our model is just better than letter pairs, and those are better than letters alone."""
    best = min(loss for _, loss in measured("unseen text"))
    names = ("letter pairs", "letter frequencies", "even guess")
    pairs, letters, even = (measured(name)[0][1] for name in names)
    assert best < pairs < letters < even
