"""The code stays small and explained: budgets for functions and files, and no surprise on import.

Only the project's own code counts. What learners write into mini_gpt/ is theirs.
"""

import ast
import statistics

import pytest

from mini_gpt.loops import LOOPS
from mini_gpt.paths import ROOT

LEARNERS = {f"{loop.module}.py" for loop in LOOPS}
FACTS = [ROOT / "checks" / f"{loop.stem}_test.py" for loop in LOOPS]
OWN = [
    *sorted(path for path in (ROOT / "mini_gpt").glob("*.py") if path.name not in LEARNERS),
    *sorted((ROOT / "scaffolds" / "reference").glob("*.py")),
    *sorted((ROOT / "checks").rglob("*.py")),
    *sorted((ROOT / "tools").glob("*.py")),
]
MOST_LINES = 250
MOST_LINES_OF_FACTS = 500  # a list of facts is read one by one, next to its report
# The contracts of the loops give them.
SEVEN_PARAMETERS = {"stream", "talk"}  # a text, and all that the sliders of the page say
SIX_PARAMETERS = {"generate", "generate_words", "generate_cached", "beam_search"}


def name(path):
    """Name a file as the learner would."""
    return path.relative_to(ROOT).as_posix()


def parse(path):
    """Read a file as Python."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path):
    """Return all functions in a file, the inner ones too."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node for node in ast.walk(parse(path)) if isinstance(node, kinds)]


def length(function):
    """Count the lines of a function without its docstring."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        lines -= function.body[0].end_lineno - function.body[0].lineno + 1
    return lines


def public(tree, prefix=""):
    """Yield all classes, functions and methods that others may use, with their full name."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node, f"{node.name}.")


def imported(path):
    """Name all modules that a file imports anywhere."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def test_functions_are_short():
    """Half of all functions have at most 12 lines, nine of ten at most 30, and none over 45."""
    lengths = {f"{name(p)}: {f.name}": length(f) for p in OWN for f in functions(p)}
    assert not {function: lines for function, lines in lengths.items() if lines > 45}
    assert statistics.median(lengths.values()) <= 12
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= 30


@pytest.mark.parametrize("path", OWN, ids=name)
def test_files_are_short(path):
    """A file has at most 250 lines, a list of facts 500."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (MOST_LINES_OF_FACTS if path in FACTS else MOST_LINES)


@pytest.mark.parametrize("path", OWN, ids=name)
def test_few_parameters(path):
    """A function takes at most five values by position, not counting self."""
    for function in functions(path):
        arguments = [a.arg for a in function.args.posonlyargs + function.args.args]
        taken = [argument for argument in arguments if argument not in ("self", "cls")]
        most = 7 if function.name in SEVEN_PARAMETERS else 5 + (function.name in SIX_PARAMETERS)
        assert len(taken) <= most, function.name


@pytest.mark.parametrize("path", OWN, ids=name)
def test_everything_public_is_explained(path):
    """Every file, and everything public in it, has a docstring that begins with a sentence."""
    tree = parse(path)
    assert ast.get_docstring(tree), "the file itself"
    for full_name, node in public(tree):
        assert (ast.get_docstring(node) or "").strip(), full_name


def test_checks_never_import_the_reference():
    """No check takes its expected values from the reference: it would pass its own mistakes."""
    for path in (ROOT / "checks").rglob("*.py"):
        assert not [m for m in imported(path) if m.split(".")[0] == "scaffolds"], name(path)
        named = [n for n in ast.walk(parse(path)) if isinstance(n, ast.Constant)]
        if any("scaffolds.reference" in str(node.value) for node in named):
            # The one place that knows its name: it puts the borrowed module in another's place.
            assert name(path) == "checks/tutor/running/module.py"


def test_facts_have_titles():
    """Each fact has a docstring of one line, the title, and no two facts share one."""
    for path in FACTS:
        facts = [f for f in parse(path).body if getattr(f, "name", "").startswith("test_")]
        titles = [ast.get_docstring(fact) for fact in facts]
        assert len(titles) == len(set(titles)) >= 8
        for title in titles:
            assert "\n" not in title and not title.endswith(".")


def test_import_does_nothing(tree):
    """Importing mini_gpt runs nothing at all; its tokenizer needs no torch, and prints nothing."""
    code = """
import sys
before = set(sys.modules)
import mini_gpt
assert set(sys.modules) - before == {"mini_gpt"}, set(sys.modules) - before
import mini_gpt.tokenizer
assert "torch" not in sys.modules
"""
    result = tree.python("-c", code)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert [type(node) for node in parse(ROOT / "mini_gpt" / "__init__.py").body] == [ast.Expr]
