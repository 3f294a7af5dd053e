"""The rows of the catalogue: how they match, and how they are filled in."""

import ast
from pathlib import Path

from tutor.running.source import Source
from tutor.slips import all_edits


def changed(line):
    """Return what all slips make of a line in a small function."""
    text = f"MODEL, B = 1, 2\n\n\ndef f(a, b, c):\n    {line}\n"
    edits = all_edits(Source(Path("mine.py"), text, ast.parse(text)), {5})
    return {edit.apply(text).split("\n")[4].strip() for edit in edits if not edit.inserts}


def test_parentheses_only_where_they_are_needed():
    """What a letter stands for is held together, and gets no parentheses that do nothing."""
    assert "return a * b + c" in changed("return a * b - c")
    assert "return c * (a + b)" in changed("return c / (a + b)")
    assert "return (a - b) / c" in changed("return a - b / c")
    assert "return g(a) / (b + c)" not in changed("return g((b + c) * a)")
    assert "return len((a + b).split())" in changed("return len(a + b)")


def test_words_of_the_learner_stay():
    """A name of the learner's that looks like a letter or a kind of the catalogue stays."""
    assert "return MODEL * B" in changed("return MODEL / B")
    assert "return B + MODEL" in changed("return MODEL + B")


def test_same_letter_same_text():
    """A letter that a row names twice stands for the same text."""
    assert "a -= b" in changed("a = a - b")
    assert "a -= b" not in changed("a = c - b")


def test_other_arguments():
    """`*R` keeps the other arguments of a call, keywords too, or none."""
    assert "return a.contiguous().view(b, c)" in changed("return a.view(b, c)")
    assert "return g(a / b, dim=1)" in changed("return g(a, dim=1) / b")
    assert "return g(a / b)" in changed("return g(a) / b")
