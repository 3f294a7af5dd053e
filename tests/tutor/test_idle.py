"""A change that leaves something unused goes around the mistake, and is no proof of a line."""

import pytest
from tutor.finding.idle import left_idle

from tests import modules

FILE = """
class Splitter:
    def __init__(self):
        self.width = 2

    def pieces(self, text):
        row = text.split(" ")
        row = [piece.strip() for piece in row]
        return row

    def count(self, text):
        row = self.pieces(text)
        row = [len(piece) for piece in row]
        number = 0
        while number < self.width:
            number += 1
        return row + [number]
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return row\n", "return text\n"),
        ("        return row\n", "        return text\n        return row\n"),
        ("self.pieces(text)", "text"),
        ("number < self.width", "number < 2"),
        ("for piece in row]\n        number", "for piece in text]\n        number"),
    ],
)
def test_what_goes_around(old, new):
    """What was made and looked at is still made, but nobody looks at it any more."""
    assert FILE.count(old) == 1
    assert left_idle(FILE, FILE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("piece.strip()", "piece"),
        ("self.width = 2", "self.width = self.height = 2"),
        ("            number += 1\n", "            number += 1\n            last = number\n"),
        ('text.split(" ")', "list(text)"),
        ("        row = [piece.strip() for piece in row]\n", ""),
    ],
)
def test_what_does_not(old, new):
    """What is new, or gone with its last use, counts for nothing."""
    assert FILE.count(old) == 1
    assert not left_idle(FILE, FILE.replace(old, new))


SEEN = """
def unique(text):
    seen, found = set(), []
    known = set()
    for letter in text:
        if letter not in known:
            {fill}
            found.append(letter)
    return found
"""


def test_a_collection_that_stays_empty():
    """What is looked for where nothing is ever put is there for nothing, be it so before or not."""
    empty, filled = SEEN.format(fill="pass"), SEEN.format(fill="known.add(letter)")
    assert left_idle(empty, empty.replace("return found", "return sorted(found)")) == {"known"}
    assert not left_idle(empty, filled)
    assert not left_idle(filled, filled.replace("return found", "return sorted(found)"))


@pytest.mark.parametrize("loop", modules.WITH_MODULES)
def test_right_code_leaves_nothing_empty(loop):
    """No correct module looks for something where nothing is ever put."""
    for file in modules.right_modules(loop):
        code = file.read_text(encoding="utf-8")
        assert not left_idle(code, code), file.name


def test_what_others_call_is_never_idle():
    """A learner's own encode is there for others, even where text.encode() was taken away."""
    code = "class CharTokenizer:\n    def encode(self, text):\n        return text{}\n"
    assert not left_idle(code.format(".encode()"), code.format(""))
