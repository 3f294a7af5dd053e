"""The exported model: numpy alone writes what PyTorch writes."""

import pytest
import torch

from mini_gpt.support.export_npz import export
from mini_gpt.support.numpy_gpt import NumpyGPT
from scaffolds.reference.sampler import generate
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.transformer import MiniGPT


@pytest.fixture
def pair(tmp_path):
    """Return a model with PyTorch, and the same with numpy."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = MiniGPT(vocab_size=8, n_embd=16, n_head=2, n_layer=2, block_size=12).eval()
    export(tmp_path / "model.npz", model, CharTokenizer("hello"))
    return model, NumpyGPT(tmp_path / "model.npz")


def test_same_tokens(pair):
    """At temperature 0 both write the same, below and beyond block_size."""
    model, small = pair
    for T in (1, 5, 12, 15):
        ids = [n % 8 for n in range(T)]
        right = generate(model, torch.tensor([ids]), 20, temperature=0)[0].tolist()
        assert small.generate(ids, 20, temperature=0) == right
    assert small.vocab == CharTokenizer("hello").vocab


def test_drawing(pair):
    """The same seed draws the same text, another one another."""
    _, small = pair
    texts = [small.generate([3], 20, 1.0, seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_refusals(pair, tmp_path):
    """What cannot be done is refused with a clear sentence."""
    model, small = pair
    with pytest.raises(ValueError, match="temperature must be 0 or above"):
        small.generate([3], 5, temperature=-1)
    with pytest.raises(ValueError, match="at least 1 token"):
        small.generate([], 5)
    with pytest.raises(ValueError, match="must fit into block_size 12, got 13"):
        NumpyGPT(tmp_path / "model.npz").forward([0] * 13)
    (tmp_path / "text.npz").write_text("hello", encoding="utf-8")
    with pytest.raises(ValueError, match="must be a model exported"):
        NumpyGPT(tmp_path / "text.npz")
    del model.head
    with pytest.raises(ValueError, match="loop 2's parts"):
        export(tmp_path / "other.npz", model, CharTokenizer("hello"))
    assert not (tmp_path / "other.npz").exists()
