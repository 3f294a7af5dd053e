"""What a learner asks for with a flag comes: hint, change, prompt, diary and watch."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from mini_gpt.paths import ROOT

pytestmark = pytest.mark.slow

RIGHT = (ROOT / "scaffolds" / "reference" / "tokenizer.py").read_text(encoding="utf-8")
SORTED = RIGHT.replace("list(dict.fromkeys(text))", "list(sorted(set(text)))")
LINE = SORTED[: SORTED.index("sorted(set(text))")].count("\n") + 1
STEM = "01_tokenizer"


@pytest.fixture
def wrong(tree):
    """A copy of the tutorial whose tokenizer sorts its characters."""
    tree.write("tokenizer", SORTED)
    return tree


def test_cross_before_line(wrong):
    """The cross, called, expected and got are printed before the search for the line begins."""
    search = wrong.root / "checks" / "tutor" / "finding" / "search_child.py"
    search.write_text("import time; time.sleep(60)", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, f"checks/{STEM}_test.py"],
        cwd=wrong.root,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    with process:
        lines = [process.stdout.readline() for _ in range(5)]
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert "❌" in lines[1] and [line.split()[0] for line in lines[2:]] == (
        ["called", "expected", "got"]
    )
    assert "You ended the search" in rest and "facts hold" in rest


def test_a_crash_of_the_search_is_ours(wrong):
    """A search process that crashes is told as a fault of the tutorial, with what it said."""
    search = wrong.root / "checks" / "tutor" / "finding" / "search_child.py"
    search.write_text("raise RuntimeError('the lamp is broken')", encoding="utf-8")
    result = wrong.check(STEM)
    assert (result.returncode, result.stderr) == (1, "")
    assert "a fault of this tutorial" in result.stdout and "the lamp is broken" in result.stdout
    assert "in        CharTokenizer.__init__" in result.stdout


def test_fix_and_hint(wrong):
    """--hint gives a direction, and --fix the change that was tried, as a diff. No file changes."""
    shown = wrong.check(STEM, "--fix", "--hint").stdout
    assert f"mini_gpt/tokenizer.py:{LINE}" in shown
    assert re.search(r"^ +hint {6}\S", shown, re.MULTILINE)
    assert re.search(r"^ +- .*sorted\(set\(text\)\)", shown, re.MULTILINE)
    in_order = r"dict\.fromkeys\(text\)|key=text\.index"  # two repairs that are as good
    assert re.search(rf"^ +\+ .*({in_order})", shown, re.MULTILINE)
    assert wrong.module("tokenizer").read_text(encoding="utf-8") == SORTED


def test_prompt(wrong):
    """--prompt prints the repair prompt with the learner's file and the whole report in it."""
    shown = wrong.check(STEM, "--prompt").stdout
    prompt = shown[shown.index("facts hold") :]
    assert SORTED.rstrip() in prompt and f"mini_gpt/tokenizer.py:{LINE}" in prompt
    assert "expected" in prompt and "(paste" not in prompt


def test_prompt_names_the_file_again(wrong, tmp_path):
    """The next step that the report names looks at the file that was given, not at another one."""
    (tmp_path / "mine.py").write_text(SORTED, encoding="utf-8")
    shown = wrong.check(STEM, tmp_path / "mine.py").stdout
    assert f"python checks/{STEM}_test.py {tmp_path / 'mine.py'} --prompt" in shown


def test_nothing_to_repair(tree):
    """With nothing wrong, --prompt says so, in place of an empty page."""
    assert "Nothing to repair" in tree.check(STEM, "--prompt").stdout


def test_diary(wrong):
    """--diary adds a line to the section of its loop, each time, and leaves all else as it was."""
    diary = wrong.root / "vibes.md"
    before = (ROOT / "vibes.md").read_text(encoding="utf-8")
    mine = before.replace("## Loop 2: the", "My own words.\r\n\n## Loop 2: the")
    diary.write_bytes(mine.encode("utf-8"))
    wrong.check(STEM, "--diary")
    wrong.write("tokenizer", RIGHT)
    wrong.check(STEM, "--diary")
    after = diary.read_bytes().decode("utf-8")
    added = [line for line in after.splitlines() if line.startswith("- Attempt")]
    assert len(added) == 2 and "each new character as it appears" in added[0]
    assert added[1].startswith("- Attempt 2") and added[1].endswith("green")
    section = after[after.index("## Loop 1: ") : after.index("## Loop 2: ")]
    assert all(line in section for line in added)
    for line in added:
        after = after.replace(f"{line}\n", "")
    assert after.split() == mine.split() and "My own words.\r\n" in after


def test_watch(wrong):
    """--watch checks again when the file is saved, and Ctrl-C ends it without a traceback."""
    process = subprocess.Popen(
        [sys.executable, f"checks/{STEM}_test.py", "--watch"],
        cwd=wrong.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    try:
        assert "❌" in read_until(process, "waiting for")
        time.sleep(0.1)
        wrong.write("tokenizer", RIGHT)
        seen = read_until(process, "waiting for")
        assert "❌" not in seen and re.search(r"(\d+) of \1 facts hold", seen)
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in process.stdout.read()
    finally:
        process.kill()
        process.communicate()


def read_until(process, words):
    """Read lines of a process up to one with these words."""
    seen = ""
    while words not in seen and (line := process.stdout.readline()):
        seen += line
    return seen


def test_the_right_loop_is_blamed(tree):
    """A fact of loop 3 that fails because of the tokenizer names the tokenizer's own line."""
    tree.write("tokenizer", SORTED.replace("sorted(set(text))", "dict.fromkeys(text[1:])"))
    result = tree.check("03_training")
    assert result.returncode == 1
    assert f"mini_gpt/tokenizer.py:{LINE}" in result.stdout and "because" in result.stdout
    assert "mini_gpt/trainer.py:" not in result.stdout
