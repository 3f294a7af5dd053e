"""Two processes that train together have the losses of one with the same batch."""

import os
import subprocess
import sys

import pytest
import torch

from mini_gpt.__main__ import main
from mini_gpt.paths import ROOT
from mini_gpt.support import checkpoint
from mini_gpt.support.refusal import Refusal
from mini_gpt.support.training import together
from mini_gpt.support.training.training import Options, Training
from tests.support.models import small_model

pytestmark = pytest.mark.slow

TEXT = "red hen curled up. hello world. once upon our pond " * 30
HOW = "--n-embd 16 --n-head 2 --n-layer 1 --block-size 16 --batch-size 4 --eval-every 2 --steps 4"
TOGETHER = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]


def how(folder):
    """Return the arguments of a small training."""
    book = str(folder.parent / "book.txt")
    return ["train", book, *HOW.split(), "--folder", str(folder), "--device", "cpu"]


def losses_in(folder):
    """Return the losses of all looks."""
    return checkpoint.load_training(folder / "checkpoint.pt")["history"]


@pytest.mark.skipif(os.name == "nt", reason="PyTorch for Windows has no gloo over libuv")
def test_two_are_as_good_as_one(tmp_path):
    """Both have the same losses, and each line is told once."""
    (tmp_path / "book.txt").write_text(TEXT, encoding="utf-8")
    assert main(how(tmp_path / "one")) == 0
    command = [sys.executable, *TOGETHER, "-m", "mini_gpt", *how(tmp_path / "two")]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr
    one, two = losses_in(tmp_path / "one"), losses_in(tmp_path / "two")
    assert [look[0] for look in two] == [2, 4]
    for look, same_look in zip(one, two):
        assert same_look == pytest.approx(look, abs=1e-4)
    assert result.stdout.count("step 4/4") == 1


def test_uneven_batches_are_refused_at_once(monkeypatch):
    """Though short windows could be shared, the training does not begin: the long ones cannot."""
    monkeypatch.setattr(together, "size", lambda: 2)
    monkeypatch.setattr(together, "share_gradients", lambda model: model)
    with pytest.raises(Refusal, match="must be a multiple of 2, got 5"):
        Training(small_model(), None, Options(batch_size=5, short=0.6))


def test_uneven_shares(monkeypatch):
    """A batch that cannot be shared evenly is refused."""
    monkeypatch.setattr(together, "size", lambda: 3)
    with pytest.raises(Refusal, match="--batch-size must be a multiple of 3, got 4"):
        together.share_of(torch.zeros(4, 2))
