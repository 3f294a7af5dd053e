"""The samplers keep the tokens that their definitions name, and the command draws by their odds."""

import doctest

import numpy as np
import pytest
import torch

from mini_gpt.support.speaking import samplers
from mini_gpt.support.speaking.narrowing import Narrowed
from mini_gpt.support.speaking.samplers import chosen, min_p, top_k, top_p
from mini_gpt.support.speaking.streaming import new_ids
from tests.support.chance import likelihood_ratio

ODDS = np.array([0.04, 0.3, 0.06, 0.4, 0.2])


class Fixed(torch.nn.Module):
    """A model that always says the same: these odds."""

    config = {"vocab_size": 5, "block_size": 4}

    def forward(self, ids):
        """Map (1, T) to (1, T, V)."""
        return torch.tensor(ODDS).float().log().expand(1, ids.shape[1], 5)


def test_examples():
    """The examples in the docstrings hold."""
    assert doctest.testmod(samplers).attempted == 3 and not doctest.testmod(samplers).failed


@pytest.mark.parametrize(
    ("keep", "value", "right"),
    [
        (top_k, 1, {3}),
        (top_k, 3, {1, 3, 4}),
        (top_k, 9, {0, 1, 2, 3, 4}),
        (top_p, 1e-9, {3}),
        (top_p, 0.39, {3}),
        (top_p, 0.41, {1, 3}),
        (top_p, 0.71, {1, 3, 4}),
        (top_p, 0.95, {1, 2, 3, 4}),
        (top_p, 1, {0, 1, 2, 3, 4}),
        (min_p, 0, {0, 1, 2, 3, 4}),
        (min_p, 0.14, {1, 2, 3, 4}),
        (min_p, 0.16, {1, 3, 4}),
        (min_p, 0.76, {3}),
        (min_p, 1, {3}),
    ],
)
def test_what_stays(keep, value, right):
    """Each sampler keeps what its definition says, at the edges too."""
    assert set(np.flatnonzero(keep(ODDS, value))) == right


def test_by_definition():
    """On random odds, top-p keeps a share that without its last token would be too small."""
    chance = np.random.default_rng(3)
    for _ in range(200):
        odds = chance.dirichlet(np.full(chance.integers(1, 30), 0.5))
        share = chance.uniform(0.01, 1)
        kept = odds[top_p(odds, share)]
        assert kept.sum() >= share - 1e-12 and kept.sum() - kept.min() < share + 1e-12
        assert top_p(odds, 1).all() and min_p(odds, 0).all()
        assert set(odds[min_p(odds, share)]) == {p for p in odds if p >= share * max(odds)}


@pytest.mark.parametrize(
    ("asked", "temperature", "stays"),
    [
        ((None, 0.71, None), 1.0, [1, 3, 4]),
        ((None, None, 0.4), 0.5, [1, 3]),
        ((3, 0.6, 0.1), 1.0, [1, 3]),
    ],
)
def test_drawn_by_the_odds(asked, temperature, stays):
    """With your own generate, what stays is drawn by its odds, and no other token is."""
    n = 3000
    model = Narrowed(Fixed(), chosen(*asked), temperature)
    generator = torch.Generator().manual_seed(8)
    drawn = list(new_ids(model, torch.tensor([[0]]), n, temperature, None, generator))
    counts = np.bincount(drawn, minlength=5)
    assert counts[stays].sum() == n
    assert likelihood_ratio(counts[stays], ODDS[stays] ** (1 / temperature)) < 13.8
