"""The modern model: it keeps its promises, and all commands can use it."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from mini_gpt.__main__ import main
from mini_gpt.support import checkpoint
from mini_gpt.support.modern_gpt import INGREDIENTS, ROWS, ModernGPT, followers, rotate, rows_of
from mini_gpt.support.training.command import SHORT
from mini_gpt.support.training.fused import is_same

SIZES = {"n_embd": 16, "n_head": 2, "n_layer": 2, "block_size": 12}
KINDS = [(), *((name,) for name in INGREDIENTS), INGREDIENTS]


def made(without=()):
    """Make a small model."""
    torch.manual_seed(1)
    return ModernGPT(9, **SIZES, without=without)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Train on a small book. Returns the folder."""
    root = tmp_path_factory.mktemp("modern")
    text = root / "book.txt"
    text.write_text("red hen curled up. hello world. " * 60, encoding="utf-8")
    how = ["--modern", "--steps", "20", "--eval-every", "10", "--block-size", "12"]
    assert main(["train", str(text), "--folder", str(root / "run"), "--device", "cpu", *how]) == 0
    return root / "run"


def use(name, book, *arguments):
    """Run one of the commands on the trained model. Returns its status."""
    return main([name, *arguments, "--model", str(book / "checkpoint.pt")])


@pytest.mark.parametrize("without", KINDS)
def test_every_kind_is_a_gpt(without):
    """It sees no later token, a longer text begins alike, and every parameter learns."""
    model, ids = made(without), torch.randint(9, (4, 12))
    logits = model(ids)
    other = ids.clone()
    other[:, 7] = (other[:, 7] + 1) % 9
    assert torch.allclose(model(other)[:, :7], logits[:, :7], atol=1e-6)
    assert (model(other)[:, 7:] - logits[:, 7:]).abs().amax(-1).min() > 1e-6
    assert torch.allclose(model(ids[:, :5]), logits[:, :5], atol=1e-6)
    cross_entropy(logits.flatten(0, 1), ids.flatten()).backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())
    assert is_same(model) and model.config["without"] == list(without)


def test_each_ingredient_is_something():
    """Each one that is left out changes what is calculated."""
    ids = torch.arange(9)[None]
    outputs = [made(kind)(ids) for kind in KINDS]
    assert all((a - b).abs().max() > 1e-3 for n, a in enumerate(outputs) for b in outputs[:n])


def test_scores_tell_distances():
    """A score of two turned vectors is the same wherever they stand, if they are as far apart"""
    a, b = torch.randn(2, 1, 1, 1, 8)
    q, k = rotate(a.expand(1, 1, 30, 8)), rotate(b.expand(1, 1, 30, 8))
    scores = (q @ k.mT)[0, 0]
    for distance in (-3, 0, 5):
        diagonal = scores.diagonal(distance)
        assert torch.allclose(diagonal, diagonal[:1].expand_as(diagonal), atol=1e-4)
    assert (scores[0, 1:] - scores[0, 0]).abs().max() > 0.1


def test_rows_of_pairs_and_triples():
    """Equal pairs share a row, others hardly ever; longer pieces ask for one more token each"""
    pairs = rows_of(torch.tensor([[3, 4, 5, 4, 5, 3, 4]]), 2)[0].tolist()
    assert pairs[1] == pairs[6] and pairs[2] == pairs[4] and len(set(pairs)) == 5
    first, second = rows_of(torch.tensor([[1, 4, 5], [2, 4, 5]]), 3)[:, 2].tolist()
    assert first != second
    far, near = rows_of(torch.tensor([[1, 3, 4, 5], [2, 3, 4, 5]]), 4)[:, 3].tolist()
    assert far != near
    assert 0 <= rows_of(torch.full((1, 9), 65_535), 4).min()
    every = torch.cartesian_prod(torch.arange(68), torch.arange(68))
    rows = rows_of(every, 2)[:, 1]
    assert 0 <= int(rows.min()) and int(rows.max()) < ROWS and len(rows.unique()) > 3000


def test_followers():
    """What followed the last time, but only where the whole piece stood there before."""
    text = "the cat, the dog, the "
    ids = torch.tensor([[ord(letter) for letter in text]])
    found = "".join(chr(id_) for id_ in followers(ids, 3, never=ord("."))[0])
    assert found == "........... c.....he d"
    assert "".join(chr(id_) for id_ in followers(ids, 5, never=ord("."))[0]) == "." * 20 + " d"
    assert followers(torch.tensor([[4]]), 3, never=9).tolist() == [[9]]


@pytest.mark.parametrize(
    ("sizes", "said"),
    [({"n_embd": 20, "n_head": 4}, "multiple of 8, got 20"), ({"without": ["rotari"]}, "rotari")],
)
def test_refusals(sizes, said):
    """Sizes that do not fit and unknown ingredients are refused"""
    with pytest.raises(ValueError, match=said):
        ModernGPT(9, **sizes)
    with pytest.raises(ValueError, match="up to block_size 12, got 13"):
        made()(torch.zeros(1, 13, dtype=torch.int64))


def test_windows_are_short_at_first(book):
    """--modern begins with short windows, and that is kept in the checkpoint"""
    assert checkpoint.load_training(book / "checkpoint.pt")["options"]["short"] == SHORT


@pytest.mark.slow
def test_commands(book, capsys):
    """It generates, without a cache, and can be looked into; numpy alone cannot run it"""
    assert use("generate", book, "hello", "--length", "5") == 0
    said = capsys.readouterr()
    assert said.out.startswith("hello") and "KV cache: not used" in said.err
    assert use("look", book, "hello world", "--folder", str(book / "look")) == 0
    assert "Layer" in capsys.readouterr().out
    assert use("generate", book, "hello", "--numpy") == 1
    assert "--numpy cannot be used: the model must have loop 2's parts" in capsys.readouterr().err


@pytest.mark.slow
def test_resume(book, capsys):
    """It goes on from its checkpoint as it is, and --modern means nothing then"""
    again = ["train", "--folder", str(book), "--resume", "--device", "cpu"]
    assert main([*again, "--modern"]) == 1
    assert "leave --modern out" in capsys.readouterr().err
    assert main([*again, "--steps", "25"]) == 0
    assert "Going on after step 20" in capsys.readouterr().out


@pytest.mark.slow
def test_another_model_is_refused(book, capsys, monkeypatch):
    """A training whose model cannot be made any more is refused, and the file named."""
    monkeypatch.setattr("mini_gpt.support.modern_gpt.RECALLED", (3,))
    assert main(["train", "--folder", str(book), "--resume", "--device", "cpu"]) == 1
    said = capsys.readouterr().err
    assert f"{book / 'checkpoint.pt'} does not fit" in said and "train anew" in said
