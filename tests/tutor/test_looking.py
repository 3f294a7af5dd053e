"""By looking at values, a search finds what is missing, and leaves out what changes nothing."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest
import torch
from tutor.finding.growth import EVERY
from tutor.finding.looking import Looking
from tutor.finding.trace import Runs
from tutor.running.source import Source
from tutor.slips import all_edits

FUNCTION = "def f(a, b):\n    return a\n"
VALUES = [(3, 2), (3.0, 2), (-3, 2), ("text", 2), (1, [5, 6]), (3, [5, 6]), (torch.zeros(2, 3), 2)]
VALUES += [(3, torch.zeros(2, 4))]


class Once:
    """Runs a file once, in the place of a tryout of facts.

    Args:
        calls: the arguments with which its function f is called, one after the other.
    """

    def __init__(self, *calls):
        self.calls = calls

    def rerun(self, source, given):
        """Run the file, and call its function."""
        names = given | {"_look_at_the_time_": lambda: True}
        exec(compile(source.tree, "mine.py", "exec"), names)
        self.results = [names["f"](*call) for call in self.calls]
        return True


def looked(code, *calls, raising=frozenset()):
    """Look at the values of a function, and at its changes, where some lines raise an error."""
    source = Source(Path("mine.py"), code, ast.parse(code))
    lines = set(range(1, len(source.lines) + 1))
    looking = Looking(source, Runs(lines, raising=raising), all_edits(source, lines))
    looking.watch(Once(*calls))
    return looking


def grown(code, *calls):
    """Return the texts that grow from the values of a function."""
    return {edit.apply(code) for edit in looked(code, *calls).grown()}


@pytest.mark.parametrize("form", EVERY)
def test_every_form_finds_something(form):
    """Each form finds what is missing, with values for which it makes sense."""
    edits = [edit for call in VALUES for edit in looked(FUNCTION, call).grown()]
    assert form.replace("A", "a").replace("B", "b") in {edit.text for edit in edits}


def test_what_makes_no_difference_does_not_grow():
    """0 more is no more."""
    more = FUNCTION.replace("return a", "return a + b")
    assert more not in grown(FUNCTION, (3, 0)) and more in grown(FUNCTION, (3, 0), (3, 2))


def test_a_later_value_makes_the_difference():
    """At the first call nothing is different. At the second it is."""
    assert FUNCTION.replace("return a", "return a * b") in grown(FUNCTION, (3, 1), (3, 2))


def test_another_kind_does_not_grow():
    """A text never grows into a number, nor a name that has no value yet into anything."""
    texts = grown("def f(a, b):\n    c = a\n    d = 1\n    return c\n", ("text", 2))
    assert texts and not any("return len(" in text or "c = a[:d]" in text for text in texts)


def test_useless_changes_are_known():
    """A change that gives the same, that cannot be, or stands where nothing ran, is left out."""
    code = "def f(a, b):\n    c = a\n    if not b:\n        return a\n    return str(c)\n"
    source = looked(code, ("text", 2))
    useless = {(edit.line, edit.text) for edit in source.useless()}
    assert {(2, "a.item()"), (4, "b"), (2, "str(a)")} <= useless
    assert (2, "b") not in useless


def test_what_leaves_a_trace_is_not_run():
    """A change that would take something out of a list is not run while looking."""
    given = [1, 2]
    code = "def f(a, b):\n    b = b\n    c = a\n    a.pop()\n    return c\n"
    looked(code, (given, 3))
    assert given == [1]


def test_a_stream_is_left_alone():
    """What can be gone through once only is not gone through by us."""
    seen = []
    code = "def f(a, b):\n    b(list(a))\n"
    looked(code, (iter("abc"), seen.append))
    assert seen == [["a", "b", "c"]]


def test_looking_hands_the_value_on():
    """A file that is looked at gives what it gave before."""
    source = Source(Path("mine.py"), FUNCTION, ast.parse(FUNCTION))
    given = object()
    once = Once((given, 1))
    Looking(source, Runs({1, 2}), []).watch(once)
    assert once.results == [given]


def test_what_did_not_run_tells_nothing():
    """Where the fact could not be run to its end, no change is left out."""
    source = Source(Path("mine.py"), FUNCTION, ast.parse(FUNCTION))
    looking = Looking(source, Runs({1, 2}), all_edits(source, {1, 2}))
    once = Once((1, 2))
    once.rerun = lambda source, given: False
    looking.watch(once)
    assert looking.useless() == set()


def test_an_expression_that_raised_may_be_wrong():
    """Where an error came in place of a value, or after some values, no change is left out."""
    assert any(edit.line == 2 for edit in looked(FUNCTION, (1, 2)).useless())
    assert not any(edit.line == 2 for edit in looked(FUNCTION, (1, 2), raising={2}).useless())


def test_an_odd_value_does_no_harm():
    """A value that cannot be compared, such as a tensor of a rare type, is handed on too."""
    odd = torch.zeros(2, dtype=torch.bfloat16)
    once, source = Once((odd, 1)), Source(Path("mine.py"), FUNCTION, ast.parse(FUNCTION))
    looking = Looking(source, Runs({1, 2}), all_edits(source, {1, 2}))
    looking.watch(once)
    assert once.results[0] is odd and not any(edit.line == 2 for edit in looking.useless())


def test_a_copy_is_another_thing():
    """A copy of a list is as long as the list, but what is added to it stays its own."""
    code = "def f(a, b):\n    c = a\n    c.append(b)\n    return a\n"
    assert "list(a)" not in {edit.text for edit in looked(code, ([1], 2)).useless()}


def test_a_key_that_is_looked_for_leaves_no_entry():
    """A dict that makes what it lacks is not asked for anything."""
    lacking = defaultdict(list)
    looked("def f(a, b):\n    c = a\n    return c\n", ("q", lacking))
    assert not lacking


def test_a_learners_own_function_is_not_called_again():
    """What has a harmless name in Python may do something else in a learner's file."""
    seen = []
    code = "def index(a, b):\n    b.append(a)\n    return a\n\n\n"
    looked(code + "def f(a, b):\n    return index(a, b)\n", (3, seen))
    assert seen == [3]


def test_what_a_match_looks_for_stays():
    """A pattern is no expression: nothing is put around it."""
    code = (
        "class C:\n    X = 1\n\n\ndef f(a, b):\n    match a:\n        case C.X:\n"
        "            return b\n        case -2:\n            return 0\n"
    )
    looking = looked(code, (1, 2), (-2, 2))
    assert looking.has_seen and "return b + a" in "".join(grown(code, (1, 2)))


def test_no_number_grows_too_large():
    """A power of two unknown numbers is not calculated while looking."""
    texts = {
        edit.text for edit in looked("def f(a, b):\n    return a * b\n", (3**99, 9**9)).useless()
    }
    assert "a ** b" not in texts
