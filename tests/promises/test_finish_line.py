"""The finish line: borrowed code passes, and so does the same code in the learner's place."""

import re
import shutil

import pytest

from mini_gpt.loops import CORE, LOOPS
from mini_gpt.paths import ROOT

TOLD = "our pond red hen curled up. hello world. once upon"

# A line that the output must hold. … stands for whatever else is on the line.
LINES = {
    "01_tokenizer": [
        '"hello" -> [7, 4, 11, 11, 14]',
        "Vocab size: 16 (includes special tokens)",
    ],
    "02_transformer": ["Output shape: (2, 10, 100)", "Total parameters: 145,764"],
    "03_training": [
        "Loss decreased from 2.85 to 0.03",
        "hello worl[d]…",
        "Model saved to model.pt",
    ],
    "04_generation": [
        "Generation successful!",
        'Example: "Hello" -> "<unk>ello…',
        f'…"<unk>nce upon {TOLD}"',
    ],
    "final_showcase": [
        "🎉 Mini-GPT Final Showcase 🎉",
        "🏆" * 25,
        "✅ Tokenizer: Working normally…",
        "✅ Transformer: Forward pass working…",
        "✅ Training: Loss decreased from 2.85 to 0.03…",
        "✅ Generation: Can generate text…",
        f'…"<unk>nce upon {TOLD}"',
        "… 100%…",
        "🎉 Congratulations! You have successfully built your own Mini-GPT!",
        "✅ You now understand the core principles of GPT!",
    ],
}


@pytest.fixture(scope="module")
def runs(new_tree, side_by_side):
    """Run the checks of the core and the showcase, on the borrowed code and on a learner's own.

    Returns:
        The results by owner and stem.
    """

    def run_all(owner):
        tree = new_tree(owner)
        if owner == "yours":
            tree.take_reference()
        results = {loop.stem: tree.check(loop.stem) for loop in LOOPS[:CORE]}
        results["final_showcase"] = tree.python("checks/final_showcase.py")
        return results | {"model.pt": (tree.root / "model.pt").exists()}

    owners = ["borrowed", "yours"]
    results = side_by_side(*[lambda owner=owner: run_all(owner) for owner in owners])
    return dict(zip(owners, results, strict=True))


@pytest.mark.parametrize("owner", ["borrowed", "yours"])
@pytest.mark.parametrize("stem", LINES)
def test_documented_lines(runs, owner, stem):
    """The borrowed code, and the same code as the learner's, passes with the documented lines."""
    result = runs[owner][stem]
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    lines = [line.strip() for line in result.stdout.splitlines()]
    for wanted in LINES[stem]:
        pattern = ".*".join(re.escape(part) for part in wanted.split("…"))
        assert any(re.fullmatch(pattern, line) for line in lines), wanted
    assert "❌" not in result.stdout and "✏️" not in result.stdout


def owner_and_counts(printed):
    """Return what a check says first, and how many facts it has: held, left out, and all."""
    counts = re.search(r"(\d+) of (\d+) facts hold(?:, (\d+) left out)?", printed).groups("0")
    held, facts, left_out = map(int, counts)
    return printed.splitlines()[0], held, left_out, facts


@pytest.mark.parametrize("owner", ["borrowed", "yours"])
def test_owner_is_told(runs, owner):
    """The first line of each check, and the rows of the showcase, say whose code it is."""
    for loop in LOOPS[:CORE]:
        first_line, held, left_out, facts = owner_and_counts(runs[owner][loop.stem].stdout)
        assert f"mini_gpt/{loop.module}.py ({owner})" in first_line
        assert held == facts > 5 and left_out == 0
    shown = runs[owner]["final_showcase"].stdout
    rows = [line for line in shown.splitlines() if line.startswith("✅") and f"({owner})" in line]
    assert len(rows) == CORE
    assert f"Built by you: {CORE if owner == 'yours' else 0} of {CORE}" in shown.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("loop", LOOPS[CORE:], ids=lambda loop: loop.stem)
def test_challenges_pass(new_tree, side_by_side, loop):
    """So does each challenge, borrowed and one's own. A fact that needs a browser is left out."""

    def run(owner):
        tree = new_tree(owner)
        if owner == "yours":
            tree.take_reference()
        return tree.check(loop.stem)

    borrowed, own = side_by_side(lambda: run("borrowed"), lambda: run("yours"))
    for owner, result in {"borrowed": borrowed, "yours": own}.items():
        assert (result.returncode, result.stderr) == (0, ""), result.stdout
        first_line, held, left_out, facts = owner_and_counts(result.stdout)
        assert f"mini_gpt/{loop.module}.py ({owner})" in first_line
        assert held + left_out == facts > 5 and left_out <= 1


def test_model_is_kept(runs):
    """Loop 3 leaves its model in the root, and the showcase leaves it there."""
    assert runs["borrowed"]["model.pt"] and runs["yours"]["model.pt"]


@pytest.mark.slow
def test_pytest_runs_the_facts(tree):
    """`python -m pytest` collects the facts of the checks, and shows what a fact says."""
    shutil.copy(ROOT / ".pytest.ini", tree.root)
    collected = tree.python("-m", "pytest", "--collect-only", "-q").stdout
    for loop in LOOPS:
        assert f"checks/{loop.stem}_test.py::test_" in collected
    assert "final_showcase" not in collected
    facts = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "checks/01_tokenizer_test.py")
    code = (ROOT / "scaffolds" / "reference" / "tokenizer.py").read_text(encoding="utf-8")
    line = code[: code.index("class CharTokenizer:")].count("\n") + 1
    for old, new, said in [
        ("dict.fromkeys(text)", "sorted(set(text))", "the characters are sorted"),
        ("class CharTokenizer:", "class CharTokenizer", f"mini_gpt/tokenizer.py:{line}"),
    ]:
        tree.write("tokenizer", code.replace(old, new))
        result = tree.python(*facts)
        assert result.returncode == 1 and said in result.stdout and "expected  " in result.stdout
        assert "raise Wrong" not in result.stdout
