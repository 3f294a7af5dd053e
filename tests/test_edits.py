"""Edits are tried on other people's code, so they must do no harm."""

import os
import subprocess
import sys

from tutor.edits import candidates
from tutor.source import read

from scaffolds.make_skeletons import SCAFFOLDS
from tests.measure_diagnosis import ROOT


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
        "from tutor.sandbox import close_starts; close_starts()\n"
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
