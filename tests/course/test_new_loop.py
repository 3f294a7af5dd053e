"""One more loop is one row and its files: a made-up one is seen everywhere."""

import re

import pytest

pytestmark = pytest.mark.slow

ROW = """    Loop(
        number=11,
        stem="11_counting",
        title="the counter",
        module="counter",
        names=("count_words",),
        minutes=5,
        idea="counting",
        shows="a sentence has words",
        torch=False,
    ),
)


def loop_of("""

REFERENCE = '''"""Loop 11, the counter: how many words has a text?"""


def count_words(text: str) -> int:
    """Count the words of a text.

    Raises:
        TypeError: text is not a string.
    """
    # Only a text has words.
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    # A word ends at white space.
    return len(text.split())
'''

CHECK = '''"""Loop 11, the counter: how many words has a text?"""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

from tutor.facts.words import about, expect_equal


@about("count_words")
def test_words(lab):
    """Words are counted, not characters"""
    for text, count in {"hello world": 2, "": 0, "a b  c": 3}.items():
        called = lab.calls(f"count_words({text!r})")
        expect_equal(called, lab.module.count_words(text), count)
'''


@pytest.fixture(scope="module")
def grown(new_tree):
    """A copy of the tutorial with one more loop."""
    tree = new_tree("grown")
    rows = tree.root / "mini_gpt" / "loops.py"
    text = rows.read_text(encoding="utf-8")
    rows.write_text(text.replace(")\n\n\ndef loop_of(", ROW, 1), encoding="utf-8")
    for name, content in {
        "scaffolds/reference/counter.py": REFERENCE,
        "checks/11_counting_test.py": CHECK,
        "docs/11_counting.md": "# Counting\n",
        "recipes/11_counting.md": "# Counting\n",
    }.items():
        (tree.root / name).write_text(content, encoding="utf-8")
    result = tree.python("tools/generate.py")
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    return tree


def test_what_follows_is_made(grown):
    """Skeleton, borrowed module and the rows of the READMEs come from the row and the reference."""
    skeleton = (grown.root / "scaffolds" / "11_counting_skeleton.py").read_text(encoding="utf-8")
    assert "    # A word ends at white space.\n" in skeleton and "text.split()" not in skeleton
    borrowed = grown.module("counter").read_text(encoding="utf-8")
    assert "from scaffolds.reference.counter import count_words" in borrowed
    for page in ("README.md", "scaffolds/README.md", "recipes/README.md"):
        assert "mini_gpt/counter.py" in (grown.root / page).read_text(encoding="utf-8"), page
    assert grown.python("tools/generate.py", "--check").returncode == 0


def test_its_check_runs(grown):
    """The check is green on the borrowed module, and the skeleton is told as not written yet."""
    assert "1 of 1 facts hold" in grown.check("11_counting").stdout
    result = grown.check("11_counting", "scaffolds/11_counting_skeleton.py")
    assert result.returncode == 1 and "not written yet: count_words" in result.stdout


def test_its_check_names_a_line(grown):
    """A mistake in the learner's own module is found, with its line."""
    grown.write("counter", REFERENCE.replace("len(text.split())", "len(text)"))
    result = grown.check("11_counting")
    line = REFERENCE.count("\n", 0, REFERENCE.index("    return len")) + 1
    assert "(yours)" in result.stdout.splitlines()[0]
    assert re.search(rf"line +mini_gpt/counter\.py:{line} ", result.stdout), result.stdout


def test_the_showcase_shows_it(grown):
    """The showcase names the loop among the challenges."""
    grown.write("counter", REFERENCE)
    shown = grown.python("checks/final_showcase.py").stdout
    assert re.search(r"11 the counter: yours", shown), shown


def test_a_learners_module_is_left_alone(grown):
    """What a learner has made their own is never written over."""
    grown.write("counter", "# mine\n")
    grown.python("tools/generate.py")
    assert grown.module("counter").read_text(encoding="utf-8") == "# mine\n"
