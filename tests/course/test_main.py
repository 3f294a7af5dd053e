"""`python -m mini_gpt` trains and talks, and answers a bad input with one line."""

import json

import pytest

from mini_gpt.__main__ import steps_for

pytestmark = pytest.mark.slow

# Runs main() for many command lines in one process, because importing torch takes its time.
DRIVER = """
import contextlib, io, json, sys
from mini_gpt.__main__ import main
for arguments in json.loads(sys.argv[1]):
    out, errors = io.StringIO(), io.StringIO()
    sys.stdin = io.StringIO(sys.argv[2])
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        status = main(arguments)
    print(json.dumps([status, out.getvalue(), errors.getvalue()]))
"""

TRAINED = ["--text", "long.txt", "--steps", "2", "--words", "1"]
MISTAKES = {
    "text missing": (["--text", "no.txt"], ["no.txt", "look at the name"]),
    "text empty": (["--text", "empty.txt"], ["empty.txt", "at least 65", "got 0", "longer"]),
    "text a folder": (["--text", "mini_gpt"], ["mini_gpt"]),
    "text not UTF-8": (["--text", "latin.txt"], ["latin.txt", "byte 3", "save it as UTF-8"]),
    "text too short": (["--text", "short.txt"], ["at least 65 characters", "got 64", "longer"]),
    "no steps": ([*TRAINED, "--steps", "0"], ["at least 1", "got 0", "try --steps 100"]),
    "negative steps": ([*TRAINED, "--steps", "-3"], ["at least 1", "got -3", "try"]),
    "no words": ([*TRAINED, "--words", "0"], ["at least 1", "got 0", "try --words 10"]),
    "cold": ([*TRAINED, "--temperature", "-1"], ["0 or above", "got -1", "try 0.8"]),
    "nan": ([*TRAINED, "--temperature", "nan"], ["0 or above", "got nan", "try 0.8"]),
    "no seed": ([*TRAINED, "--seed", "-1"], ["0 to 2**63 - 1", "got -1", "try --seed 11"]),
    "no prompt": ([*TRAINED, "--prompt", ""], ["at least 1 character", "got 0", "try --prompt"]),
    "text to talk": (["--talk", "--text", "long.txt"], ["does not train", "run one"]),
}


def files(folder):
    """Return the model files in a folder."""
    return sorted(file.name for file in folder.glob("*.pt*"))


def drive(tree, *command_lines, typed=""):
    """Run several command lines. Returns status, output and errors of each."""
    result = tree.python("-c", DRIVER, json.dumps(command_lines), typed)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def answers(new_tree):
    """Make every mistake of the list, one after the other."""
    tree = new_tree("mistakes")
    (tree.root / "empty.txt").write_text("", encoding="utf-8")
    (tree.root / "short.txt").write_text("x" * 64, encoding="utf-8")
    (tree.root / "latin.txt").write_bytes("caf\xe9 ".encode("latin-1") * 30)
    (tree.root / "long.txt").write_text("a text that is long enough. " * 5, encoding="utf-8")
    return dict(zip(MISTAKES, drive(tree, *(line for line, _ in MISTAKES.values())), strict=True))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(answers, mistake):
    """A bad input is refused in one line, before anything is trained: what is wrong, what to do."""
    status, out, errors = answers[mistake]
    assert (status, out) == (1, "")
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


@pytest.mark.parametrize("typed", ["Wö\ngro\n\nWörter\n", "Wö\ngro"])
def test_conversation(kept, typed):
    """--talk without a prompt continues each line, until an empty one or the end of the input."""
    tree, _ = kept
    ((status, out, errors),) = drive(tree, ["--talk", "--words", "2"], typed=typed)
    assert (status, errors) == (0, "") and "An empty line ends" in out.splitlines()[0]
    told = [line for line in out.splitlines() if line.startswith("> ")]
    assert told[0].startswith("> Wö") and told[1].startswith("> gro")
    assert out.count("\n> ") == 3


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


@pytest.mark.parametrize("loads", ["the reference", "a learner's"])
def test_damaged_model(tree, loads):
    """--talk with a damaged model says so in one line, whoever loads it, and leaves it there."""
    if loads == "a learner's":
        code = "import torch\nload_checkpoint = train = save_checkpoint = torch.load\n"
        tree.write("trainer", code)
    (tree.root / "model.pt").write_bytes(b"PK\x03\x04 not all of it")
    ((status, _, errors),) = drive(tree, ["--talk"])
    assert status == 1 and len(errors.splitlines()) == 1
    assert "model.pt cannot be used" in errors and "Run python -m mini_gpt" in errors
    assert (tree.root / "model.pt").read_bytes() == b"PK\x03\x04 not all of it"


@pytest.mark.parametrize("size", [400, 10_000, 100_000, 10**8])
def test_steps_by_length(size):
    """A longer text gets more steps: ten times the text, about three times the steps."""
    steps = {400: 100, 10_000: 300, 100_000: 900, 10**8: 3000}
    assert steps_for("x" * size) == steps[size]


def test_text_of_ones_own(tree):
    """A model of a text of one's own has only places that it was trained on, and begins like it."""
    (tree.root / "own.txt").write_text("\ufeffa text of one's own. " * 9, encoding="utf-8")
    code = "import torch; print(torch.load('model.pt')['config']['block_size'])"
    for command, block_size in [(["--text", "own.txt"], "64"), ([], "512")]:
        ((status, out, errors),) = drive(tree, [*command, "--steps", "1", "--words", "1"])
        assert (status, errors) == (0, "")
        assert ("Expect words" in out) == ("\na text of " in out) == bool(command)
        assert tree.python("-c", code).stdout.strip() == block_size


STOPS = {
    "while a module is loaded": ("tokenizer", "", "raise KeyboardInterrupt\n"),
    "while it trains": ("trainer", "        for step in", "        raise KeyboardInterrupt\n"),
    "while it saves": ("trainer", "    path = Path(path)\n", "    raise KeyboardInterrupt\n"),
    "while it talks": ("sampler", "    words_wanted =", "    raise KeyboardInterrupt\n"),
}


@pytest.mark.parametrize("moment", STOPS)
def test_stopped(tree, moment):
    """Ctrl-C ends in one word at any moment; while it trains, the model stays as it was."""
    module, place, stop = STOPS[moment]
    code = (tree.root / "scaffolds" / "reference" / f"{module}.py").read_text(encoding="utf-8")
    tree.write(module, code.replace(place, stop + place, 1))
    ((status, out, errors),) = drive(tree, ["--steps", "1"])
    assert (status, errors) == (1, "")
    assert out.splitlines()[-1].startswith("Stopped.")
    assert ("model.pt is as it was before" in out) == (moment == "while it trains")


WORDS = "    words_wanted ="
UNWRITTEN = '    raise NotImplementedError("write it")\n'
LEARNERS = {
    "counts from 0": ("trainer", "on_step(step, ", "on_step(step - 1, ", 0, ""),
    "not written": ("sampler", WORDS, UNWRITTEN + WORDS, 1, "Not written yet: write it."),
    "a mistake": ("sampler", WORDS, "    [][3]\n" + WORDS, 1, "IndexError"),
    "a mistake in a text": (
        "tokenizer",
        "class CharTokenizer:",
        "class CharTokenizer",
        1,
        "SyntaxError",
    ),
}


@pytest.mark.parametrize("case", LEARNERS)
def test_modules_of_a_learner(tree, case):
    """A mistake in a learner's module is told in one line that names it, and no traceback."""
    module, old, new, wanted, said = LEARNERS[case]
    code = (tree.root / "scaffolds" / "reference" / f"{module}.py").read_text(encoding="utf-8")
    tree.write(module, code.replace(old, new, 1))
    ((status, out, errors),) = drive(tree, ["--steps", "3"])
    assert status == wanted and said in errors and len(errors.splitlines()) == wanted
    line = code[: code.index(old)].count("\n") + 1
    assert "Error:" not in errors or errors.startswith(f"{module}.py:{line}: ")
    assert wanted or "step 3/3 " in out
