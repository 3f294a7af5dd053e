"""Edits are tried on other people's code, so they must do no harm."""

import os
import subprocess
import sys

from tutor.running.source import read
from tutor.slips import candidates, edits_of
from tutor.slips.edit import Editor
from tutor.slips.walk import walk_with_scope

from mini_gpt.paths import ROOT

SCAFFOLDS = ROOT / "scaffolds"

ODD = """
import torch
from operator import itemgetter as first

class Model(torch.nn.Module):
    sizes: dict = {}

    async def look(self, a, /, b=(), *rest, generator=None, **more):
        x = (a[0] +
             b[1])
        y = x[()] if (n := len(rest)) else insert(a, 1)
        for i in range(**more):
            y[i, ...], *z = lambda *all, k=1: (all[k], self.never, self.made)
        async with a as b, more["c"]:
            await b
        match y:
            case [1, *_] | {"a": 2}:
                yield
            case Model(never=3):
                yield from ()
        return not -x[1:n, ::2] @ y.T

    def inner(self):
        def one(x):
            nonlocal_name = f"{x!r:>{self.width}}"
            return x
        return [*(one(a) for a in {b: c for b, c in [(1, 2)] if b or c}), one.__name__]
"""


def odd_source(tmp_path):
    """Read a file of odd code, in which nothing makes sense but the grammar."""
    file = tmp_path / "odd.py"
    file.write_text(ODD, encoding="utf-8")
    return read(file)


def test_odd_code(tmp_path):
    """No operator stumbles over what Python allows."""
    source = odd_source(tmp_path)
    editor, lines = Editor(source), set(range(len(source.lines) + 1))
    walk = walk_with_scope(source.tree)
    edits = [edit for node, *known in walk for edit in edits_of(node, *known, editor, lines)]
    assert len(edits) > 500


def test_same_order_in_every_process(tmp_path):
    """Two processes share the edits by their number, so both must count them alike."""
    odd_source(tmp_path)
    code = (
        "import sys; sys.path[:0] = ['checks', '.']\n"
        "from pathlib import Path\n"
        "from tutor.slips import candidates\n"
        "from tutor.running.source import read\n"
        "source = read(Path(sys.argv[1]))\n"
        "print([edit.text for _, edit in candidates(source, set(range(99)))])\n"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "odd.py")],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1


def test_no_edit_of_what_a_program_would_run():
    """No edit touches `if __name__ == "__main__":`, which would start the check again and again."""
    source = read(SCAFFOLDS / "01_tokenizer_skeleton.py")
    every_line = set(range(len(source.lines) + 1))
    first = next(n for n, line in enumerate(source.lines, 1) if line.startswith("if __name__"))
    edits = [edit for _, edit in candidates(source, every_line)]
    assert edits
    assert all(edit.line < first for edit in edits)


def test_every_edit_applies():
    """Each edit changes the text, and is there only once."""
    source = read(SCAFFOLDS / "reference" / "tokenizer.py")
    texts = [edit.apply(source.text) for _, edit in candidates(source, set(range(100)))]
    assert len(texts) > 100
    assert source.text not in texts


def test_no_program_is_started():
    """While edits are tried, no other program can be started."""
    code = (
        "import os, subprocess, sys; sys.path.insert(0, 'checks')\n"
        "from tutor.running.sandbox import close_starts; close_starts()\n"
        "for start in (lambda: subprocess.run(['true']), lambda: os.system('true')):\n"
        "    try:\n        start()\n"
        "    except PermissionError as error:\n        print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.count("no other program is started") == 2


def test_file_beside_us(tmp_path):
    """The line is found too for a file that is named as it lies in the current folder."""
    code = (SCAFFOLDS / "reference" / "tokenizer.py").read_text(encoding="utf-8")
    wrong = code.replace("list(dict.fromkeys(text))", "sorted(set(text))")
    line = wrong[: wrong.index("sorted(set(text))")].count("\n") + 1
    (tmp_path / "mine.py").write_text(wrong, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, str(ROOT / "checks" / "01_tokenizer_test.py"), "mine.py"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert f"line      {tmp_path.resolve() / 'mine.py'}:{line} " in result.stdout


def lines_after(text, tmp_path):
    """Return all lines that a change of a program makes."""
    file = tmp_path / "some.py"
    file.write_text(text, encoding="utf-8")
    source = read(file)
    every = candidates(source, set(range(99)))
    return {line.strip() for _, edit in every for line in edit.apply(text).splitlines()}


def test_no_line_is_left_that_does_nothing(tmp_path):
    """A call whose result nobody looks at is taken away whole, or stays a call."""
    lines = lines_after("def f(self, ids):\n    self.model(ids)\n    self.model.eval()\n", tmp_path)
    assert "self.model.train()" in lines
    assert not lines & {"self", "ids", "self.model", "self.model.eval"}


def test_what_a_class_inherits_is_known(tmp_path):
    """The attributes and properties of a class above it can be used too."""
    text = """class Above:
    def __init__(self):
        self.ids = {}

    @property
    def unknown(self):
        return 1

class Below(Above):
    def encode(self, text):
        return [self.table.get(c) for c in text]
"""
    lines = lines_after(text, tmp_path)
    assert "return [self.table.get(c, self.unknown) for c in text]" in lines
    assert "return [self.ids.get(c) for c in text]" in lines


def test_other_names_of_functions(tmp_path):
    """A function that is called by another name lacks the same keywords."""
    text = (
        "from torch.nn.functional import scaled_dot_product_attention as sdpa\nout = sdpa(1, 2)\n"
    )
    assert "out = sdpa(1, 2, is_causal=True)" in lines_after(text, tmp_path)
    text = "import torch\nsoft = torch.softmax\nout = soft(1)\n"
    assert "out = soft(1, dim=-1)" in lines_after(text, tmp_path)
