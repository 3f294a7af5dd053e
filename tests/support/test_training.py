"""A training on a book can be stopped in any way, and goes on as if nothing had been."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from mini_gpt.__main__ import main
from mini_gpt.paths import ROOT
from mini_gpt.support import checkpoint
from mini_gpt.support.tokenizers import describe_tokenizer, tokenizer_of
from mini_gpt.support.training import books, progress
from mini_gpt.support.training.progress import Progress
from scaffolds.reference.bpe import BPETokenizer
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.trainer import save_checkpoint
from scaffolds.reference.transformer import MiniGPT

SIZES = "--n-embd 16 --n-head 2 --n-layer 1 --block-size 16 --batch-size 4 --eval-every 5".split()
TEXT = "red hen curled up. hello world.\r\nonce upon our pond " * 30


@pytest.fixture
def book(tmp_path):
    """Write a small book."""
    path = tmp_path / "book.txt"
    path.write_bytes(TEXT.encode("utf-8"))
    return path


def train(folder, *arguments):
    """Run a training. Returns its status."""
    return main(["train", "--folder", str(folder), "--device", "cpu", *map(str, arguments)])


def training_in(folder):
    """Load the checkpoint of a folder."""
    return checkpoint.load_training(Path(folder) / "checkpoint.pt")


class Stop(Progress):
    """Stops a training after its second look."""

    def say(self, text):
        """Tell a line, or stop."""
        super().say(text)
        if "step 10/20" in text:
            raise KeyboardInterrupt


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_resume_is_exact(book, tmp_path, monkeypatch, optimizer):
    """Stopped half-way, it has the losses, weights and random numbers of one that was not."""
    how = (book, *SIZES, "--steps", 20, "--optimizer", optimizer)
    assert train(tmp_path / "whole", *how) == 0
    with monkeypatch.context() as patch:
        patch.setattr(progress, "Progress", Stop)
        assert train(tmp_path / "halves", *how) == 1
    assert training_in(tmp_path / "halves")["step"] == 10
    assert train(tmp_path / "halves", "--resume") == 0
    whole, halves = training_in(tmp_path / "whole"), training_in(tmp_path / "halves")
    assert whole["history"] == halves["history"] and len(whole["history"]) == 4
    assert torch.equal(whole["random"], halves["random"])
    assert all(torch.equal(w, halves["weights"][name]) for name, w in whole["weights"].items())
    assert whole["best"]["step"] == halves["best"]["step"]


def test_what_is_told(book, tmp_path, capsys):
    """The terminal and the log have the same lines: both losses, and a sample, at every look."""
    assert train(tmp_path / "run", book, *SIZES, "--steps", 10) == 0
    out = capsys.readouterr().out
    log = (tmp_path / "run" / "log.txt").read_text(encoding="utf-8")
    assert len(re.findall(r"unseen \d\.", log)) == 2 and "step 10/10" in log
    assert out.endswith(log) and "Is my loss normal?" in log
    assert (tmp_path / "run" / "losses.png").stat().st_size > 10_000
    assert len(log) > 2 * 200  # the samples


def test_older_version(book, tmp_path, capsys):
    """A training that began when weights were moved otherwise is refused, and stays as it is."""
    folder = tmp_path / "run"
    assert train(folder, book, *SIZES, "--steps", 5) == 0
    state = training_in(folder) | {"version": checkpoint.VERSION - 1}
    torch.save(state, folder / "checkpoint.pt")
    assert train(folder, "--resume", "--steps", 10) == 1
    assert "no training of this version" in capsys.readouterr().err
    assert checkpoint.load(folder / "checkpoint.pt")["step"] == 5


@pytest.mark.slow
def test_killed(book, tmp_path):
    """After kill -9, the training goes on from its last checkpoint, and nothing else is lost."""
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "mini_gpt", "train", book, *SIZES, "--steps", "100000"]
    command += ["--folder", folder, "--device", "cpu"]
    process = subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (folder / "checkpoint.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.wait()
    step = training_in(folder)["step"]
    assert step >= 5 and step % 5 == 0
    assert train(folder, "--resume", "--steps", step + 5) == 0
    assert training_in(folder)["step"] == step + 5
    expected = [*range(5, step + 6, 5)]
    assert [look[0] for look in training_in(folder)["history"]] == expected


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C in another way")
def test_ctrl_c(book, tmp_path):
    """Ctrl-C ends in one line that says how to go on."""
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "mini_gpt", "train", book, *SIZES, "--steps", "100000"]
    command += ["--folder", folder, "--device", "cpu"]
    process = subprocess.Popen(
        list(map(str, command)), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not (folder / "checkpoint.pt").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (1, "")
    assert "Stopped." in out.splitlines()[-1] and "train --resume" in out.splitlines()[-1]


MISTAKES = {
    "missing": (["no.txt"], "There is no file no.txt"),
    "empty": (["empty.txt"], "is empty"),
    "not UTF-8": (["latin.txt"], "save it as UTF-8"),
    "too short": (["short.txt"], "at least 650 characters, got 100"),
    "no texts in a folder": (["nothing"], "has no file that ends with"),
    "no steps": (["book.txt", "--steps", "0"], "--steps must be at least 1, got 0"),
    "no looks": (["book.txt", "--eval-every", "0"], "--eval-every must be at least 1"),
    "rate": (["book.txt", "--learning-rate", "0"], "--learning-rate must be above 0"),
    "heads": (["book.txt", "--n-head", "5"], "divisible"),
    "nothing to go on with": (["--resume"], "There is no file"),
    "texts to resume": (["book.txt", "--resume"], "leave the names out"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake, tmp_path, monkeypatch, capsys):
    """A bad input is one clear sentence, and there is no training afterwards."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nothing").mkdir()
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "latin.txt").write_bytes("caf\xe9 ".encode("latin-1") * 300)
    (tmp_path / "short.txt").write_bytes(b"a" * 100)
    (tmp_path / "book.txt").write_bytes(TEXT.encode("utf-8"))
    arguments, words = MISTAKES[mistake]
    assert train(tmp_path / "run", *arguments) == 1
    errors = capsys.readouterr().err
    assert words in errors and len(errors.splitlines()) == 1
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_nothing_is_overwritten(book, tmp_path, capsys):
    """A second training in the same folder is refused, and one that is done too."""
    assert train(tmp_path / "run", book, *SIZES, "--steps", 5) == 0
    before = (tmp_path / "run" / "checkpoint.pt").read_bytes()
    assert train(tmp_path / "run", book, *SIZES, "--steps", 5) == 1
    assert "--resume" in capsys.readouterr().err
    assert train(tmp_path / "run", "--resume") == 1
    assert "All 5 steps are done" in capsys.readouterr().err
    assert (tmp_path / "run" / "checkpoint.pt").read_bytes() == before


def test_damaged(tmp_path, capsys):
    """A file that is cut, is no checkpoint, or carries code is refused."""
    path = tmp_path / "checkpoint.pt"
    for data in (b"", b"no checkpoint", os.urandom(1000)):
        path.write_bytes(data)
        assert train(tmp_path, "--resume") == 1
        assert main(["generate", "ROMEO:", "--model", str(path)]) == 1
        errors = capsys.readouterr().err.splitlines()
        assert len(errors) == 2 and all("damaged" in line for line in errors)


def test_texts(tmp_path):
    """A folder stands for all texts in it, and none at all for the pages of the tutorial."""
    for name in ("b.txt", "a.txt", "c.png"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    files = books.find_texts([str(tmp_path)])
    assert [file.name for file in files] == ["a.txt", "b.txt"]
    assert "".join(books.pieces_of(files)) == "a.txt\n\nb.txt"
    assert ROOT / "README.md" in books.find_texts([])


def test_both_kinds_are_read(book, tmp_path, capsys):
    """What loop 3 saved and what a training on a book saved are read by the same loader."""
    torch.manual_seed(1)
    tokenizer = CharTokenizer("hello world")
    save_checkpoint(tmp_path / "loop3.pt", MiniGPT(tokenizer.vocab_size, block_size=8), tokenizer)
    assert train(tmp_path / "run", book, *SIZES, "--steps", 5) == 0
    for path in (tmp_path / "loop3.pt", tmp_path / "run" / "checkpoint.pt"):
        model, loaded = checkpoint.load_model(path)
        assert not model.training and loaded.decode(loaded.encode("hello")) == "hello"
        capsys.readouterr()
        assert main(["generate", "hello", "--model", str(path), "--length", "9"]) == 0
        assert capsys.readouterr().out.startswith("hello")


def test_other_tokenizers():
    """A checkpoint says which tokenizer it needs, and brings all that makes it again."""
    pairs = BPETokenizer.train("hello hello help", 264)
    again = tokenizer_of(describe_tokenizer(pairs))
    assert again.encode("hello help") == pairs.encode("hello help")
    letters = tokenizer_of(describe_tokenizer(CharTokenizer("abc")))
    assert letters.vocab == CharTokenizer("abc").vocab


def test_chat(book, tmp_path, monkeypatch, capsys):
    """Each line that is typed is continued, and an empty one ends the conversation."""
    assert train(tmp_path / "run", book, *SIZES, "--steps", 5) == 0
    capsys.readouterr()
    typed = iter(["red hen", "hello", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed))
    file = str(tmp_path / "run" / "checkpoint.pt")
    assert main(["chat", "--model", file, "--length", "12"]) == 0
    said = capsys.readouterr().out
    assert len(said.replace("\n", "")) >= 2 * 10


def test_devices(capsys):
    """A device that is not there is refused, and auto takes one that is."""
    from mini_gpt.support import device

    assert device.choose("auto") in device.available()
    missing = [name for name in ("cuda", "mps") if name not in device.available()]
    for name in missing:
        assert main(["train", "--device", name]) == 1
        assert f"--device {name} is not there" in capsys.readouterr().err
