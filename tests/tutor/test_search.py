"""What the search for the line is made of: edits, their bounds, and what they agree on."""

import ast
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tutor.finding.evidence import agreed, common_place, evidence
from tutor.finding.mends import Mend
from tutor.finding.missing_return import missing_return
from tutor.finding.nearness import HELD, LOADED, Nearness
from tutor.finding.time_limit import LOOK, TimeLimit, TooLong, limited
from tutor.finding.tryout import Tryout
from tutor.running import module
from tutor.running.problem import Place, Problem
from tutor.running.source import Source
from tutor.slips import candidates
from tutor.telling import report

from mini_gpt.loops import LOOPS


def source_of(text):
    """Return a text as a learner's file."""
    return Source(Path("mine.py"), text, ast.parse(text))


def edited(text):
    """Return all versions of a text that the edits make, each with its line."""
    source = source_of(text)
    edits = [edit for _, edit in candidates(source, set(range(len(source.lines) + 1)))]
    return {edit.apply(text): edit.line for edit in edits}


def test_parentheses_stay():
    """What stands in parentheses is still together when what is around it is changed."""
    text = "def f(a, b):\n    return (a - b).sum() * 2\n"
    assert "def f(a, b):\n    return (a - b).mean() * 2\n" in edited(text)
    assert "def f(a, b):\n    return (a - b) * 2\n" in edited(text)


def test_line_of_an_argument():
    """In a call of several lines, an edit belongs to the line of the argument that it changes."""
    text = "def f(a, b):\n    return g(\n        a,\n        size=b or 1,\n    )\n"
    assert edited(text)[text.replace("b or 1", "b")] == 4


def test_line_of_a_missing_argument():
    """An argument that is missing in a call of several lines is missed behind the last one."""
    text = "def f(a, top_k):\n    return g(\n        a,\n        2,\n    )\n"
    assert edited(text)[text.replace("2,\n", "2,\n        top_k=top_k,\n")] == 4


def test_names_are_known_where_they_are_used():
    """No edit uses a variable before it is made, or outside of its comprehension."""
    text = "def f(a):\n    b = [letter for letter in a]\n    c = b\n    return c\n"
    versions = edited(text)
    assert not any(v.splitlines()[1].endswith(" in c]") for v in versions)
    assert not any("letter" in v.splitlines()[3] for v in versions if v.count("\n") == 4)


def edits_in(text, slip):
    """List the edits of one slip."""
    source = Source(Path("m.py"), text, ast.parse(text))
    return [edit for _, edit in candidates(source, set(range(99))) if edit.slip == slip]


def test_a_result_is_changed_where_it_is_made_too():
    """What helps where a result is used helps where the function makes it: both are tried."""
    text = "def f(a):\n    return a + 1\n\n\ndef g(a):\n    return [*f(a)]\n"
    edits = edits_in(text, "A -> dict.fromkeys(A) when starred")
    assert {edit.line for edit in edits} == {2, 6}
    twice = text + "\n\ndef h(a):\n    return f(a)\n"
    assert {edit.line for edit in edits_in(twice, "A -> dict.fromkeys(A) when starred")} == {6}


def test_of_a_loop_and_a_line_the_line_stands_wrong():
    """Where a line was written before a loop and not behind it, the line is named."""
    text = "def f(a):\n    b = len(a)\n    for n in a:\n        g(n)\n    return b\n"
    (edit,) = edits_in(text, "two lines exchanged")
    assert edit.line == 2 and edit.apply(text).splitlines()[3] == "    b = len(a)"


def test_a_dataclass_shares_a_list():
    """A list that all objects of a dataclass share becomes a field, of which each makes its own."""
    text = "@dataclass\nclass C:\n    size: int\n    all = []\n"
    (edit,) = edits_in(text, "shared by all objects")
    assert "    all: object = field(default_factory=lambda: [])" in edit.apply(text)


def test_modules_are_left_alone():
    """No edit does to a module such as nn what is done to a value: only a neighbour may come."""
    text = "from torch import nn\n\n\ndef f(x):\n    return nn.Linear(x, 1)\n"
    names = [name for version in edited(text) for name in re.findall(r"\bnn\.(\w+)", version)]
    assert "Bilinear" in names and all(hasattr(torch.nn, name) for name in names)


def test_unused_layer_comes_first():
    """A layer that is made but not used is tried early, behind those that were made before it."""
    text = (
        "class Model:\n    def __init__(self):\n        self.first = one()\n"
        "        self.last = two()\n\n    def forward(self, x):\n"
        "        x = self.first(x)\n        return x\n"
    )
    source = source_of(text)
    ranked = list(candidates(source, set(range(9))))
    best = [edit for rank, edit in ranked if rank <= ranked[0][0] + 1]
    assert any("self.last(x)" in edit.text for edit in best)


def test_missing_refusal():
    """A refusal is added where an index is used, unless the function has one, be it wrong."""
    text = (
        "def decode(ids, vocab):\n    out = []\n    for i in ids:\n        out.append(vocab[i])\n"
    )
    guard = "        if not 0 <= i < len(vocab):\n            raise ValueError(i)\n"
    at_use = text.replace("        out.a", guard + "        out.a")
    assert edited(text)[at_use] == 3
    guarded = text.replace(
        "        out.a", "        if i < 0:\n            raise ValueError\n        out.a"
    )
    assert not any(guard in version for version in edited(guarded))


def test_first_value():
    """A variable that is looked at before it is set gets its first value in front of the loop."""
    text = "def f(text):\n    for part in text:\n        n += 1\n    return n\n"
    assert edited(text)[text.replace("    for", "    n = 0\n    for")] == 1
    always = "def f(a):\n    if a:\n        n = 1\n    else:\n        n = 2\n    return n\n"
    assert not any(version.startswith("def f(a):\n    n = ") for version in edited(always))


def test_roles():
    """What a value stands for is known under the name that a helper gives it."""
    text = (
        "def pick(scores, t, g):\n    return draw(scores)\n\n\n"
        "def generate(model, ids, temperature, generator):\n"
        "    return pick(model(ids), temperature, g=generator)\n"
    )
    versions = edited(text)
    assert text.replace("draw(scores)", "draw(scores / t)") in versions
    assert text.replace("draw(scores)", "draw(scores, g=g)") in versions


@pytest.mark.parametrize("loop", ["while True:\n    pass", "for x in iter(int, 1):\n    pass"])
def test_endless_edits_end(loop):
    """An edit that never ends is stopped, even by code that catches every Exception."""
    limit = TimeLimit()
    limit.allow(0.05)
    code = f"try:\n    {loop.replace(chr(10), chr(10) + '    ')}\nexcept Exception:\n    pass\n"
    tree = limited(ast.parse(code))
    with pytest.raises(TooLong):
        exec(compile(tree, "edit", "exec"), {LOOK: limit.look})


def test_time_behind_the_failure():
    """Where a change leads further, what is slow the first time does not count against it."""
    facts = [SimpleNamespace(seconds=5.0), SimpleNamespace(seconds=5.0)]
    tryout = Tryout(LOOPS[0], facts, failed=0)
    tryout.usual = {0: 0.001, 1: 0.001}
    assert tryout.seconds(0) < 0.1 and tryout.seconds(1) >= 1


SHARED = """
KEPT = []

class CharTokenizer:
    def add(self):
        KEPT.append(1)
        return len(KEPT)
"""


@pytest.fixture
def borrowed_again():
    """Put the reference back in the place of what a test has installed."""
    yield
    module.borrow("tokenizer")


def test_what_the_facts_before_leave_behind(borrowed_again):
    """A fact that fails only behind the others is tried behind them: alone, it proves nothing."""

    def expects(count):
        def fact(lab):
            assert lab.module.CharTokenizer().add() == count

        fact.seconds, fact.searched = 5.0, True
        return fact

    source = source_of(SHARED)
    tryout = Tryout(LOOPS[0], [expects(1), expects(1)], failed=1)
    tryout.rehearse(source)
    assert tryout.order() == [0, 1] and tryout.reach(source) == 1
    tryout = Tryout(LOOPS[0], [expects(1), expects(2)], failed=1)
    tryout.rehearse(source)
    assert tryout.order() == [1, 0]


TWO_METHODS = """
NUMBER = 2


class CharTokenizer:
    def __init__(self, text):
        self.size = NUMBER

    def two(self):
        return self.size

    def three(self):
        return self.size + 1
"""


def test_lines_that_ran_before_are_farther(borrowed_again):
    """A line that first ran with the fact that failed is nearer than one that ran before it."""

    def calls(name):
        def fact(lab):
            assert getattr(lab.module.CharTokenizer("abba"), name)() == 2

        fact.seconds, fact.searched, fact.about = 5.0, True, ()
        return fact

    source = source_of(TWO_METHODS)
    facts = [calls("two"), calls("three")]
    tryout = Tryout(LOOPS[0], facts, failed=1)
    nearness = Nearness(source, facts, 1, 0, tryout.rehearse(source))
    far = {line: nearness.far(number)[0] for number, line in enumerate(source.lines, 1)}
    assert far["        return self.size"] == far["        self.size = NUMBER"] == HELD
    assert far["NUMBER = 2"] == LOADED and far["        return self.size + 1"] == 0


def test_nothing_is_added_where_nothing_runs():
    """No line is added behind a return or a raise."""
    text = "def f(a):\n    if a:\n        raise ValueError(a)\n    g(a)\n    return g(a)\n"
    longer = [version.splitlines() for version in edited(text) if version.count("\n") == 6]
    for leaves in ("        raise ValueError(a)", "    return g(a)"):
        behind = [row[row.index(leaves) + 1 :][:1] for row in longer if leaves in row]
        inside = leaves[: len(leaves) - len(leaves.lstrip())]
        assert len(behind) > 10
        assert not any(row and row[0].startswith(inside) for row in behind)


@pytest.mark.parametrize(
    ("got", "line"),
    [
        ("TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'", 3),
        ("TypeError: unsupported operand type(s) for +: 'int' and 'str'", None),
    ],
)
def test_missing_return(got, line):
    """Where None was used, the only function that gives no value back is named."""
    text = "def double(x):\n    # twice\n    x = 2 * x\n\n\ndef f(x):\n    return 1 + double(x)\n"
    place = missing_return(Problem(got=got), source_of(text))
    assert (place and (place.line, place.after)) == (line and (line, True))


def proven(line, rank=1, inserts=False, diff="-a +b"):
    """Return a change with which every fact holds, as a search process tells it."""
    return Mend(0, rank, line, inserts, "", "", [diff], "", reach=9, idle=False, complete=True)


def test_agreement():
    """One line, a few lines, or none: only as much is said as the edits agree on."""
    source = source_of("a = 1\n" * 9)
    assert common_place([proven(2), proven(2)], source).line == 2
    few = common_place([proven(2), proven(7)], source)
    assert (few.line, few.others) == (2, [(7, "a = 1")])
    assert common_place([proven(n) for n in range(1, 7)], source) is None
    many = [proven(n, inserts=True, diff=f"+{n % 3 * ' '}x") for n in range(1, 7)]
    place = common_place(agreed(many, source), source)
    assert (place.line, place.after, place.others) == (3, True, [])


def test_a_line_between_two():
    """What may change places with the line before it or behind it is the line that stands wrong."""
    source = source_of("loss.backward()\noptimizer.zero_grad()\noptimizer.step()\n")
    both = [replace(proven(line), slip="two lines exchanged") for line in (3, 2)]
    assert agreed(both, source) == both[1:]


def test_several_statements_at_one_place():
    """Where one of two statements is missing, or the next line lacks it, one place is named."""
    source = source_of("def f(a):\n    b = a\n    # next\n    return b\n")
    two = [
        proven(2, inserts=True, diff="+    b = b.T"),
        proven(2, inserts=True, diff="+    b = b.mT"),
    ]
    assert agreed([*two, proven(4)], source) == two[:1]
    apart = [two[0], proven(1, inserts=True, diff="+    a = a.mT")]
    assert agreed(apart, source) == apart


def test_likelier_edits_are_evidence():
    """Of edits that lead as far, the likeliest count, and none that goes around the mistake."""
    around = replace(proven(3, rank=0), idle=True)
    edits = [around, proven(2, rank=1), proven(5, rank=3)]
    assert evidence(edits, 9) == edits[1:2]
    assert evidence(edits, 12) == evidence([around], 9) == []


def test_a_repair_without_remarks_is_better_evidence():
    """What leaves something that the recipe asks for is a repair only if there is no better one."""
    free, whole = replace(proven(3, rank=3), remarks=1), proven(2, rank=6)
    assert evidence([free, whole], 9) == [whole]
    assert evidence([free], 9) == [free]


def test_words_for_places():
    """The report says line, stopped, after, one of, or in."""
    line = Place("mine.py", 4, "x = y")
    assert report.where(line) == ["       line      mine.py:4    x = y"]
    assert report.where(Place("mine.py", 4, "x = y", after=True))[0].split()[0] == "after"
    assert report.where(Place("mine.py", 4, "x = y", stopped=True))[0].split()[0] == "stopped"
    several = report.where(Place("mine.py", 4, "x = y", others=[(6, "z = x")]))
    assert several == ["       one of    mine.py:4    x = y", "                 mine.py:6    z = x"]
    assert report.where(Place("mine.py", 4, function="f", last=9)) == [
        "       in        f, mine.py:4-9"
    ]


def test_tabs_and_odd_texts():
    """A file may be indented by tabs, and hold what looks like a pattern or a line end."""
    text = 'def f(a):\n\tb = {x: 1\n\t\tfor x in a}\n\treturn "a -> b -> c\x0c", b\n'
    versions = edited(text)
    assert "def f(a):\n\tb = {1: x\n\t\tfor x in a}\n" in "".join(versions)
    assert any("\n\treturn b\n" in version for version in versions)
