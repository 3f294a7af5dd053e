"""Whatever a learner's file does, the report is kind: their own line, and never a red wall."""

import ast
import codecs
import re

import pytest
from tutor.telling import console

from mini_gpt.loops import CORE, LOOPS, loop_with
from mini_gpt.paths import ROOT

SCAFFOLDS = ROOT / "scaffolds"
CODE = {
    loop.module: (SCAFFOLDS / "reference" / f"{loop.module}.py").read_text(encoding="utf-8")
    for loop in LOOPS[:CORE]
}
IN_ENCODE = '        unknown = self.id_of["<unk>"]\n'
IN_INIT = "        self.vocab_size = len(self.vocab)\n"
ON_TOP = "from collections.abc import Iterable\n"
RETURN_IDS = "        return [self.id_of.get(character, unknown) for character in text]\n"
ATTENTION = "    return weights @ v, weights\n"
SUPER = "        super().__init__()\n        # Each head"

# Each mistake: the text in the reference, and what stands there instead. HERE marks the line.
EXACT = {
    "syntax error": ("def encode(self, text: str) -> list[int]:", "def encode(self, text #HERE"),
    "import error": (ON_TOP, ON_TOP + "import no_such_package  # HERE\n"),
    "missing name": ("class CharTokenizer:", "class Tokenizer:  # HERE"),
    "endless loop": (IN_ENCODE, IN_ENCODE + "        while True:  # HERE\n            pass\n"),
    "exit": (IN_ENCODE, IN_ENCODE + "        exit()  # HERE\n"),
    "exit on import": (ON_TOP, ON_TOP + "raise SystemExit  # HERE\n"),
    "os._exit": (IN_ENCODE, IN_ENCODE + '        __import__("os")._exit(3)  # HERE\n'),
    "os._exit on import": (ON_TOP, ON_TOP + '__import__("os")._exit(0)  # HERE\n'),
    "exception": (IN_ENCODE, IN_ENCODE + "        [][3]  # HERE\n"),
    "input": (IN_INIT, IN_INIT + '        input("text?")  # HERE\n'),
    "byte": ("Look up each character.", "Look up each caract\udce9re. HERE"),
    "recursion": (RETURN_IDS, "        return self.encode(text)  # HERE\n"),
    "fences": ('"""Loop 1', 'Here is your file:\n\n```python  # HERE\n"""Loop 1'),
    "crash": (IN_ENCODE, IN_ENCODE + '        __import__("ctypes").string_at(0)  # HERE\n'),
}
NEAR = {
    "None": (RETURN_IDS, RETURN_IDS.replace("return", "ids =").rstrip() + "  # HERE\n"),
    "wrong type": (RETURN_IDS, '        return " ".join(text)  # HERE\n'),
    "NaN": (ATTENTION, '    return weights @ v * float("nan"), weights  # HERE\n'),
    "seed": (SUPER, SUPER.replace("\n", "\n        torch.manual_seed(1)  # HERE\n", 1)),
}
SAYS = {
    "import error": "no_such_package",
    "missing name": "call it CharTokenizer",
    "endless loop": "never ends",
    "exit": "ended by exit",
    "os._exit": "exit(3)",
    "exception": "IndexError",
    "input": "EOFError",
    "byte": "UTF-8",
    "recursion": "RecursionError",
    "fences": "delete lines 1 to 3",
    "None": "None",
    "NaN": "NaN",
    "seed": "seed",
}


def spoiled(case):
    """Return the module that a case is about, its code, and the line at fault."""
    old, new = (EXACT | NEAR)[case]
    (name,) = [name for name, code in CODE.items() if code.count(old) == 1]
    code = CODE[name].replace(old, new)
    return name, code, code[: code.index("HERE")].count("\n") + 1


@pytest.fixture(scope="module")
def reports(new_tree, side_by_side):
    """Let the check report on each case, in a tree of its own."""

    def report(case):
        tree = new_tree("spoiled")
        name, code, _ = spoiled(case)
        tree.write(name, code.encode("utf-8", "surrogateescape"))
        return tree.check(loop_with(name).stem)

    cases = [*EXACT, *NEAR]
    return dict(zip(cases, side_by_side(*[lambda c=c: report(c) for c in cases]), strict=True))


def places(report, name):
    """Return the places in a learner's file that a report names, as pairs (first, last line)."""
    found = re.findall(rf"mini_gpt/{name}\.py:(\d+)(?:-(\d+))?", report)
    return [(int(first), int(last or first)) for first, last in found]


@pytest.mark.parametrize("case", EXACT)
def test_line(reports, case):
    """What raises, hangs or ends the program is reported with exactly its own line."""
    name, _, line = spoiled(case)
    assert (line, line) in places(reports[case].stdout, name), reports[case].stdout


@pytest.mark.parametrize("case", NEAR)
def test_function(reports, case):
    """What only gives a wrong result is reported with its function, or with lines inside it."""
    name, code, line = spoiled(case)
    nodes = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    around = [n for n in nodes if n.lineno <= line <= n.end_lineno]
    inside = [
        (first, last)
        for first, last in places(reports[case].stdout, name)
        if any(node.lineno <= first <= last <= node.end_lineno for node in around)
    ]
    assert inside, reports[case].stdout


@pytest.mark.parametrize("case", [*EXACT, *NEAR])
def test_kind(reports, case):
    """Every report says what came out and where to go next, without a traceback of ours."""
    result = reports[case]
    assert (result.returncode, result.stderr) == (1, "")
    assert "❌" in result.stdout and "Traceback" not in result.stdout
    assert f"docs/{loop_with(spoiled(case)[0]).stem}.md" in result.stdout
    assert "checks/tutor" not in result.stdout
    assert SAYS.get(case, "got") in result.stdout
    assert len(result.stdout.splitlines()) < 40


@pytest.mark.slow
def test_skeletons_fail_kindly(new_tree, side_by_side):
    """A skeleton in the learner's place is told as not written yet, without a red wall."""
    tree = new_tree("unwritten")
    for loop in LOOPS:
        text = (SCAFFOLDS / f"{loop.stem}_skeleton.py").read_text(encoding="utf-8")
        tree.write(loop.module, text)
    programs = [f"checks/{loop.stem}_test.py" for loop in LOOPS] + ["checks/final_showcase.py"]
    results = side_by_side(*[lambda p=program: tree.python(p) for program in programs])
    for program, result in zip(programs, results, strict=True):
        assert (result.returncode, result.stderr) == (1, ""), program
        assert "not written yet" in result.stdout
        assert "Traceback" not in result.stdout and "❌" not in result.stdout
        # One line for each function to write, and a few around them.
        assert len(result.stdout.splitlines()) <= result.stdout.count("not written yet") + 6
        assert re.search(r"mini_gpt/\w+\.py:\d+", result.stdout)


def test_prints_are_counted(tree):
    """A file that prints 20,000 lines passes; the report names the line, and shows no flood."""
    loud = 'for _ in range(20_000): print("debug", flush=True)\n'
    tree.write("tokenizer", CODE["tokenizer"].replace(ON_TOP, ON_TOP + loud))
    result = tree.check("01_tokenizer")
    line = CODE["tokenizer"].split(ON_TOP)[0].count("\n") + 2
    assert result.returncode == 0 and len(result.stdout.splitlines()) < 40
    assert "20,000" in result.stdout and (line, line) in places(result.stdout, "tokenizer")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_old_consoles(tree, encoding):
    """A console that knows no emoji gets words, for facts that hold and for one that does not."""
    passes = tree.check("01_tokenizer", PYTHONIOENCODING=encoding)
    assert (passes.returncode, passes.stderr) == (0, "") and "[ok]" in passes.stdout
    code = CODE["tokenizer"].replace(RETURN_IDS, '        raise ValueError("→ 語 🙂")\n')
    tree.write("tokenizer", code)
    fails = tree.check("01_tokenizer", PYTHONIOENCODING=encoding)
    assert (fails.returncode, fails.stderr) == (1, "") and "[no]" in fails.stdout


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_every_message_can_be_printed(encoding):
    """Every text in the checks can be printed: no character of ours becomes a question mark."""
    codecs.register_error("plain", console.plain)
    # In the lists of facts stand texts of many scripts to be encoded, which are no messages.
    for path in sorted((ROOT / "checks" / "tutor").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                printed = node.value.encode(encoding, "plain").decode(encoding)
                if "🙂" not in node.value:  # that one is a text to be encoded, not a message
                    assert printed.count("?") == node.value.count("?"), node.value


def test_loop_1_needs_no_torch(tree, tmp_path):
    """The check of loop 1 works where torch cannot be imported."""
    (tmp_path / "torch.py").write_text('raise ImportError("no torch here")\n', encoding="utf-8")
    result = tree.check("01_tokenizer", PYTHONPATH=str(tmp_path))
    assert (result.returncode, result.stderr) == (0, ""), result.stdout


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.py", "\n\n", "the file is empty"),
        ("a_folder.py", None, "it is a folder"),
        ("gone.py", "", "cannot be read"),
        ("notes.md", "# Notes\n\n```python\nx = 1\n```\n", "this is a .md file"),
    ],
)
def test_odd_files(tree, tmp_path, name, content, says):
    """What is no Python file is called what it is."""
    path = tmp_path / name
    if content is None:
        path.mkdir()
    elif content:
        path.write_text(content, encoding="utf-8")
    result = tree.check("01_tokenizer", path)
    assert (result.returncode, result.stderr) == (1, "") and says in result.stdout
    assert "delete lines" not in result.stdout
