"""`python -m mini_gpt` trains and talks, and answers a bad input with one line."""

import json

import pytest

# Runs main() for many command lines in one process, because importing torch takes its time.
DRIVER = """
import contextlib, io, json, sys
from mini_gpt.__main__ import main
for arguments in json.loads(sys.argv[1]):
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        status = main(arguments)
    print(json.dumps([status, out.getvalue(), errors.getvalue()]))
"""

TRAINED = ["--text", "long.txt", "--steps", "2", "--words", "1"]
MISTAKES = {
    "text missing": (["--text", "no.txt"], ["no.txt", "look at the name"]),
    "text empty": (["--text", "empty.txt"], ["empty.txt", "empty"]),
    "text a folder": (["--text", "mini_gpt"], ["mini_gpt"]),
    "text not UTF-8": (["--text", "latin.txt"], ["latin.txt", "UTF-8", "byte 3"]),
    "text too short": (["--text", "short.txt"], ["needs 65 ids", "got 5"]),
    "no steps": ([*TRAINED, "--steps", "0"], ["at least 1", "got 0"]),
    "negative steps": ([*TRAINED, "--steps", "-3"], ["at least 1", "got -3"]),
    "cold": ([*TRAINED, "--temperature", "-1"], ["0 or above", "got -1"]),
    "nan": ([*TRAINED, "--temperature", "nan"], ["0 or above", "got nan"]),
    "no prompt": ([*TRAINED, "--prompt", ""], ["at least 1 token", "got 0"]),
}


def files(folder):
    """Return the model files in a folder."""
    return sorted(file.name for file in folder.glob("*.pt*"))


def drive(tree, *command_lines):
    """Run several command lines. Returns status, output and errors of each."""
    result = tree.python("-c", DRIVER, json.dumps(command_lines))
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def answers(new_tree):
    """Make every mistake of the list, one after the other."""
    tree = new_tree("mistakes")
    (tree.root / "empty.txt").write_text("", encoding="utf-8")
    (tree.root / "short.txt").write_text("hello", encoding="utf-8")
    (tree.root / "latin.txt").write_bytes("caf\xe9 ".encode("latin-1") * 30)
    (tree.root / "long.txt").write_text("a text that is long enough. " * 5, encoding="utf-8")
    return dict(zip(MISTAKES, drive(tree, *(line for line, _ in MISTAKES.values())), strict=True))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(answers, mistake):
    """A bad input is answered with status 1 and one line that names what is wrong."""
    status, _, errors = answers[mistake]
    assert status == 1
    assert len(errors.splitlines()) == 1
    for part in MISTAKES[mistake][1]:
        assert part in errors


def test_from_another_folder(tree, tmp_path):
    """The default command trains on the story and talks; the model goes to the root."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    result = tree.python("-m", "mini_gpt", folder=elsewhere, PYTHONPATH=str(tree.root))
    assert (result.returncode, result.stderr) == (0, "")
    for line in [
        "1,020 characters, 16 ids, 134,928 parameters",
        "Loss decreased from 2.85 to 0.03",
        "Model saved to model.pt",
    ]:
        assert line in result.stdout.splitlines()
    told = result.stdout.splitlines()[-1]
    assert told.startswith("<unk>nce upon ") and len(told.split()) >= 12
    assert files(tree.root) == ["model.pt"] and not list(elsewhere.iterdir())


@pytest.fixture(scope="module")
def kept(new_tree):
    """Train over something else, over the same vocabulary, over another one; then talk."""
    tree = new_tree("kept")
    (tree.root / "own.txt").write_text("große Wörter, 語 und 🙂. " * 5, encoding="utf-8")
    (tree.root / "model.pt").write_bytes(b"something precious")
    short = ["--steps", "1", "--words", "2"]
    own = ["--text", str(tree.root / "own.txt"), *short]
    return tree, drive(tree, short, short, own, ["--talk", "--prompt", "Wö", *short])


def test_other_models_are_kept(kept):
    """A model of another vocabulary is renamed, one of the same is replaced; --talk talks."""
    tree, runs = kept
    assert [status for status, _, _ in runs] == [0, 0, 0, 0]
    assert "The model that was in model.pt is now in model-1.pt" in runs[0][1]
    assert "is now in" not in runs[1][1]
    assert "The model that was in model.pt is now in model-2.pt" in runs[2][1]
    assert runs[3][1].startswith("\nWö") and "step" not in runs[3][1]
    assert files(tree.root) == ["model-1.pt", "model-2.pt", "model.pt"]
    assert (tree.root / "model-1.pt").read_bytes() == b"something precious"


def test_model_of_another_transformer(kept):
    """--talk with a model that another transformer.py made says so in one line, and keeps it."""
    tree, _ = kept
    code = (tree.root / "scaffolds" / "reference" / "transformer.py").read_text(encoding="utf-8")
    tree.write("transformer", code.replace("self.head", "self.guess"))
    before = (tree.root / "model.pt").read_bytes()
    result = tree.python("-m", "mini_gpt", "--talk")
    assert "Traceback" not in result.stderr
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1
    assert "model.pt" in result.stderr and (tree.root / "model.pt").read_bytes() == before


def test_nothing_to_talk_with(tree):
    """--talk without a model says what to do; as a program, it leaves with status 1."""
    result = tree.python("-m", "mini_gpt", "--talk")
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    assert "model.pt" in result.stderr and "run python -m mini_gpt" in result.stderr


def test_damaged_model(tree):
    """--talk with a damaged model says so in one line, and leaves the file as it is."""
    (tree.root / "model.pt").write_bytes(b"PK\x03\x04 not all of it")
    ((status, _, errors),) = drive(tree, ["--talk"])
    assert status == 1 and len(errors.splitlines()) == 1
    assert "model.pt" in errors and "train anew" in errors
    assert (tree.root / "model.pt").read_bytes() == b"PK\x03\x04 not all of it"
