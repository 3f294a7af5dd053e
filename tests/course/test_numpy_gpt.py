"""The exported model: numpy alone writes what PyTorch writes."""

import math
from itertools import islice
from random import Random

import numpy as np
import pytest
import torch

from mini_gpt.support.speaking.export_npz import export
from mini_gpt.support.speaking.numpy_gpt import NumpyGPT, draw, share_below
from mini_gpt.support.speaking.samplers import top_k
from scaffolds.reference.sampler import generate
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.transformer import MiniGPT
from tests.support.chance import likelihood_ratio


def model_with(scale, **sizes):
    """Make a model whose parts are all at work: norms that scale and shift, means other than 0."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = MiniGPT(vocab_size=8, **sizes).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(scale * torch.randn(parameter.shape))
    return model


@pytest.fixture
def pair(tmp_path):
    """Return a model with PyTorch, and the same with numpy."""
    model = model_with(0.3, n_embd=16, n_head=2, n_layer=2, block_size=12)
    export(tmp_path / "model.npz", model, CharTokenizer("hello"))
    return model, NumpyGPT(tmp_path / "model.npz")


def test_same_logits(pair):
    """However a text is cut, numpy gets the logits of PyTorch."""
    model, small = pair
    ids = [3, 1, 4, 1, 5, 2, 6, 5, 3, 5, 7, 0]
    with torch.no_grad():
        right = model(torch.tensor([ids]))[0].numpy()
    for sizes in ([12], [1] * 12, [5, 1, 6], [1, 4, 7]):
        small.forget()
        rest = iter(ids)
        got = [small.forward(list(islice(rest, size))) for size in sizes]
        assert np.allclose(np.concatenate(got), right, atol=2e-5)


def test_same_tokens(pair):
    """At temperature 0 both write the same, below and beyond block_size."""
    model, small = pair
    for T in (1, 5, 12, 15):
        ids = [n % 8 for n in range(T)]
        right = generate(model, torch.tensor([ids]), 20, temperature=0)[0].tolist()
        assert [*ids, *small.generate(ids, 20, temperature=0)] == right
    assert small.about["characters"] == "helo"


def test_drawing(pair):
    """The same seed draws the same text, another one another."""
    _, small = pair
    texts = [list(small.generate([3], 20, 1.0, (), Random(seed))) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_odds(temperature):
    """Tokens are drawn by the odds of the temperature, and one that is left out never is."""
    logits, random, n = (
        np.log(np.array([0.5, 0.2, 0.2, 0.06, 0.04], dtype=np.float32)),
        Random(5),
        4000,
    )
    odds = np.exp(logits.astype(float) / temperature)
    odds[3:] = 0
    counts = np.bincount(
        [draw(logits, temperature, [lambda odds: top_k(odds, 3)], random) for _ in range(n)],
        minlength=5,
    )
    assert not counts[3:].any()
    assert likelihood_ratio(counts[:3], odds[:3]) < 13.8  # once in 1,000 by chance


def test_the_table_of_gelu():
    """The table of the normal distribution is as exact as a float32, however far out."""
    x = np.concatenate([np.linspace(-9, 9, 20001), [-1e5, 1e5]]).astype(np.float32)
    right = [(1 + math.erf(value / math.sqrt(2))) / 2 for value in x.tolist()]
    assert np.abs(share_below(x) - right).max() < 1e-7


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
    whole = (tmp_path / "model.npz").read_bytes()
    model.blocks[0].mlp[1] = torch.nn.ReLU()
    with pytest.raises(ValueError, match="must calculate as loop 2"):
        export(tmp_path / "model.npz", model, CharTokenizer("hello"))
    assert (tmp_path / "model.npz").read_bytes() == whole
    del model.head
    with pytest.raises(ValueError, match="loop 2's parts, but lacks 'head.weight'"):
        export(tmp_path / "other.npz", model, CharTokenizer("hello"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.npz", "text.npz"]
