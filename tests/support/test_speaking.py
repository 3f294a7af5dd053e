"""The commands generate and chat, as a person types them, with odd input too."""

import os
import signal
import subprocess
import sys

import pytest
import torch

from mini_gpt.__main__ import main
from mini_gpt.paths import ROOT
from mini_gpt.support import checkpoint
from mini_gpt.support.speaking.numpy_gpt import NumpyGPT
from scaffolds.reference.beam_search import beam_search
from scaffolds.reference.bpe import BPETokenizer
from scaffolds.reference.sampler import generate
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.trainer import save_checkpoint
from tests.support.models import LETTERS, save, small_model

PAIRS = BPETokenizer.train("red hen curled up. hello world. once upon our pond " * 3, 290)
KINDS = {"characters": CharTokenizer(LETTERS), "pairs": PAIRS}


@pytest.fixture(params=KINDS)
def kind(request, tmp_path):
    """Write a checkpoint of each kind. Returns its name and its tokenizer."""
    tokenizer = KINDS[request.param]
    return save(tmp_path / "checkpoint.pt", tokenizer), tokenizer


@pytest.fixture
def file(tmp_path):
    """Write a checkpoint, and return its name."""
    return save(tmp_path / "checkpoint.pt")


def test_what_is_said(kind, capsys):
    """With and without numpy, and below and beyond block_size, it is what loop 4 generates."""
    file, tokenizer = kind
    model = small_model(tokenizer)
    for prompt in ("hello", "Hé\n", "once upon our pond " * 50):
        ids = torch.tensor([tokenizer.encode(prompt)])
        right = generate(model, ids, 30, temperature=0)[0, ids.shape[1] :].tolist()
        for way in ([], ["--numpy"]):
            how = ["--model", file, "--length", "30", "--temperature", "0", *way]
            assert main(["generate", prompt, *how]) == 0
            said, told = capsys.readouterr()
            assert said == f"{prompt}{tokenizer.decode(right)}\n"
            assert way or told.splitlines()[0] == "KV cache: borrowed, for texts of up to 12 tokens"


def test_drawn_as_before(file, capsys):
    """With a cache, the same seed draws what loop 4 draws without one."""
    ids = torch.tensor([CharTokenizer(LETTERS).encode("red")])
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        right = generate(small_model(), ids, 40, 0.8, 5, generator)[0].tolist()
        assert main(f"generate red --model {file} --length 40 --top-k 5 --seed {seed}".split()) == 0
        assert capsys.readouterr().out == CharTokenizer(LETTERS).decode(right) + "\n"


def test_beams(kind, capsys):
    """The best text of your own beam search is written, and how likely it is."""
    file, tokenizer = kind
    ids = torch.tensor([tokenizer.encode("red")])
    text, score = beam_search(small_model(tokenizer), ids, 9, n_beams=3)[0]
    assert main(["generate", "red", "--model", file, "--length", "9", "--beams", "3"]) == 0
    said, told = capsys.readouterr()
    assert said == tokenizer.decode(text[0].tolist()) + "\n"
    assert told.splitlines()[-1] == f"ln p = {score:.2f} for 9 tokens"


def test_words(kind, capsys):
    """So many words are added, whatever the tokens are."""
    file, _ = kind
    for way in ([], ["--numpy"]):
        for n in (1, 4):
            assert main(["generate", "red hen", "--model", file, "--words", str(n), *way]) == 0
            said = capsys.readouterr().out
            assert said.startswith("red hen") and not said[-2].isspace()
            assert len(said.removeprefix("red hen").lstrip(" \n").split()) in (n, n + 1)


def test_unknown_characters(file, capsys):
    """A person is told which characters the model has never seen."""
    assert main(["generate", "Oh, ☃", "--model", file, "--numpy", "--length", "1"]) == 0
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == "The model has never seen O , ☃: it reads <unk> there."


@pytest.mark.slow
def test_without_torch(file):
    """With --numpy, PyTorch is imported once, to write the model, and never again."""
    code = "import sys; from mini_gpt.__main__ import main; status = main(sys.argv[1:]); "
    code += "print(status, 'torch' in sys.modules)"
    said = []
    for options in ("--top-p 0.9", "--min-p 0.1", "--temperature 0"):
        arguments = f"generate red --model {file} --numpy --length 20 {options}".split()
        run = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
        )
        said.append((run.stdout.splitlines()[-1], run.stderr))
    written = "Writing checkpoint.npz for --numpy. Once, it needs PyTorch.\n"
    assert said == [("0 True", written), ("0 False", ""), ("0 False", "")]


def test_another_checkpoint(file, tmp_path, capsys):
    """For another checkpoint, the file for numpy is written anew. Alone, it is enough."""
    how = ["generate", "red", "--numpy", "--model", file, "--length", "5"]
    for _ in range(2):
        assert main(how) == 0
    assert capsys.readouterr().err.count("Writing") == 1
    save(file, block_size=7)
    assert main(how) == 0
    assert capsys.readouterr().err.count("Writing") == 1
    assert NumpyGPT(tmp_path / "checkpoint.npz").config["block_size"] == 7
    (tmp_path / "checkpoint.pt").unlink()
    assert main(how) == 0
    assert main(["generate", "red", "--numpy", "--model", str(tmp_path / "checkpoint.npz")]) == 0
    assert capsys.readouterr().err == ""


def test_nothing_of_yours_is_overwritten(file, tmp_path, capsys):
    """An .npz of somebody else, where ours would stand, is left as it is."""
    (tmp_path / "checkpoint.npz").write_bytes(b"mine")
    assert main(["generate", "red", "--numpy", "--model", file]) == 1
    assert "checkpoint.npz must be a model exported" in capsys.readouterr().err
    assert (tmp_path / "checkpoint.npz").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--beams 0", "--beams must be at least 1, got 0"),
        ("--beams 18", "--beams must be 1 to 17, the number of ids, got 18"),
        ("--beams 2 --temperature 0.5", "--temperature means nothing beside --beams"),
        ("--beams 2 --top-k 3", "--top-k means nothing beside --beams"),
        ("--beams 2 --min-p 0", "--min-p means nothing beside --beams"),
        ("--beams 2 --seed 0", "--seed means nothing beside --beams"),
        ("--beams 2 --numpy", "--numpy means nothing beside --beams, which needs your beam_search"),
        ("--beams 2 --words 3", "--words means nothing beside --beams"),
        ("--temperature 0 --top-p 0.5", "--top-p means nothing beside --temperature 0"),
        ("--temperature 0 --top-k 5", "--top-k means nothing beside --temperature 0"),
        ("--temperature -1", "--temperature must be 0, or at least 0.001, got -1.0"),
        ("--temperature 1e-30", "--temperature must be 0, or at least 0.001"),
        ("--temperature nan", "--temperature must be 0, or at least 0.001, got nan"),
        ("--top-k 0", "--top-k must be at least 1"),
        ("--top-p 0", "--top-p must be above 0, and at most 1, got 0.0"),
        ("--top-p 1.1", "--top-p must be above 0, and at most 1, got 1.1"),
        ("--min-p -0.1", "--min-p must be 0 to 1, got -0.1"),
        ("--words 0", "--words must be at least 1"),
        ("--length 0", "--length must be at least 1"),
        ("--seed -1", "--seed must be at least 0"),
        (f"--seed {2**63}", "--seed must be 0 to 2**63 - 1"),
        ("--numpy --device cuda", "--numpy works on the processor"),
        ("--numpy --model none.pt", "There is no file none.pt"),
        ("--model none.pt", "There is no file none.pt"),
    ],
)
def test_refusals(options, says, file, capsys):
    """What cannot be is refused with one sentence, before anything is said."""
    assert main(["generate", "red", "--model", file, *options.split()]) == 1
    said, errors = capsys.readouterr()
    assert said == "" and says in errors and len(errors.splitlines()) == 1


def test_empty_prompt(file, capsys):
    """A text needs a beginning."""
    assert main(["generate", "", "--model", file]) == 1
    assert "must hold at least 1 character" in capsys.readouterr().err


class Sorted(CharTokenizer):
    """A tokenizer of the right size whose ids are others."""

    def __init__(self, text):
        super().__init__("".join(sorted(set(text))))


def test_another_tokenizer(file, tmp_path, monkeypatch, capsys):
    """A model that was trained with another tokenizer is refused before it is made."""
    monkeypatch.setattr("mini_gpt.tokenizer.CharTokenizer", Sorted)
    monkeypatch.setattr(checkpoint, "build", None)
    assert main(["generate", "red", "--model", file]) == 1
    words = r"The model was trained with another tokenizer: id 3 was 'r', and is '\n' in yours."
    assert words in capsys.readouterr().err
    save_checkpoint(tmp_path / "loop3.pt", small_model(), CharTokenizer(LETTERS))
    monkeypatch.setattr(
        "mini_gpt.trainer.load_checkpoint", lambda path: (small_model(), Sorted(LETTERS))
    )
    assert main(["generate", "red", "--model", str(tmp_path / "loop3.pt")]) == 1
    assert words in capsys.readouterr().err


def test_a_tokenizer_of_another_size(tmp_path, capsys):
    """Merges that are too few, or none of the model's, are refused with both numbers."""
    file = save(
        tmp_path / "checkpoint.pt", PAIRS, merges=[list(pair) for pair in PAIRS.merges[:-5]]
    )
    assert main(["generate", "red", "--model", file]) == 1
    words = f"it knows {PAIRS.vocab_size} ids, and yours has {PAIRS.vocab_size - 5}"
    assert words in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C in another way")
def test_ctrl_c(file):
    """Ctrl-C ends a text in one line, and leaves what was said."""
    arguments = f"generate red --model {file} --numpy --length 100000000".split()
    process = subprocess.Popen(
        [sys.executable, "-m", "mini_gpt", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    begin = process.stdout.read(50)
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == 1 and begin.startswith(b"red")
    assert rest.decode().splitlines()[-1] == "Stopped." and b"Traceback" not in errors


def test_training_with_pairs(tmp_path, capsys):
    """A training with pairs keeps them in its checkpoint, tells nats a character, and can speak."""
    (tmp_path / "book.txt").write_text("red hen curled up. hello world. " * 200, encoding="utf-8")
    sizes = "--n-embd 16 --n-head 2 --n-layer 1 --block-size 16 --batch-size 4 --steps 4"
    how = ["--folder", str(tmp_path / "run"), "--device", "cpu", *sizes.split()]
    pairs = ["--tokenizer", "bpe", "--vocab-size"]
    assert main(["train", str(tmp_path / "book.txt"), *how, *pairs, "270"]) == 0
    told = capsys.readouterr().out
    state = checkpoint.load_training(tmp_path / "run" / "checkpoint.pt")
    tokenizer = BPETokenizer(map(tuple, state["merges"]))
    text = "red hen curled up. hello world. " * 200
    ids = tokenizer.encode(text)
    assert state["config"]["vocab_size"] == 270 and f"{len(ids):,} tokens of 1 file" in told
    unseen = ids[int(len(ids) * 0.9) :]
    shorter = (len(unseen) - 1) / len(tokenizer.decode(unseen[1:]))
    assert f"{state['best']['val_loss'] * shorter:.3f} nats a character" in told
    assert main(["train", "--resume", "--steps", "5", "--folder", str(tmp_path / "run")]) == 0
    file = str(tmp_path / "run" / "checkpoint.pt")
    capsys.readouterr()
    assert main(["generate", "é red", "--model", file, "--length", "5", "--numpy"]) == 0
    assert capsys.readouterr().err == ""  # the training has left a file for it


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--vocab-size 300", "--vocab-size is for --tokenizer bpe"),
        ("--tokenizer bpe --vocab-size 258", "--vocab-size must be 259 to 65536, got 258"),
        ("--tokenizer bpe --vocab-size 65537", "--vocab-size must be 259 to 65536, got 65537"),
        ("--tokenizer bpe --resume --folder {folder}", "leave --tokenizer out"),
        ("--tokenizer bpe book.txt --folder {folder}/new", "at least 650 tokens, got 3"),
    ],
)
def test_training_refusals(options, says, file, tmp_path, monkeypatch, capsys):
    """What a training with pairs cannot do is said in a sentence."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book.txt").write_text("ab ab ab", encoding="utf-8")
    assert main(["train", *options.format(folder=tmp_path).split()]) == 1
    errors = capsys.readouterr().err
    assert says in errors and len(errors.splitlines()) == 1


def test_few_pairs(tmp_path, capsys):
    """A text with few pairs makes fewer tokens than were asked for, and says how many."""
    (tmp_path / "book.txt").write_text("ab " * 3000, encoding="utf-8")
    how = (
        "--n-embd 8 --n-head 1 --n-layer 1 --block-size 8 --batch-size 2 --steps 1 --tokenizer bpe"
    )
    folder = str(tmp_path / "run")
    assert main(["train", str(tmp_path / "book.txt"), "--folder", folder, *how.split()]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The text has only 2 pairs to merge: fewer tokens than 1,024.")


@pytest.mark.slow
def test_who_reads_on(file):
    """A program that reads only the beginning, such as head, ends it without a word"""
    command = [sys.executable, "-m", "mini_gpt", "generate", "hello", "--numpy", "--model", file]
    process = subprocess.Popen(
        [*command, "--length", "3000"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout.read(3) == b"hel"
    process.stdout.close()
    with process.stderr as said:
        assert "roken" not in said.read().decode("utf-8")  # "Broken pipe", of whatever kind
    assert process.wait() == 0
