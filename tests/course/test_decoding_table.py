"""The table of page 8 measures what it says: how likely, how varied, and how sure."""

import numpy as np
import pytest
import torch

from scaffolds.reference.beam_search import log_probability
from tests.support.models import small_model
from tools import decoding_table
from tools.decoding_table import distinct, draw_all, interval, log_probabilities


def test_distinct():
    """A text that repeats itself has few different runs of words."""
    assert distinct("red hen red hen red hen", 1) == pytest.approx(2 / 6)
    assert distinct("red hen red hen red hen", 2) == pytest.approx(2 / 5)
    assert distinct("red hen curled up", 2) == 1


def test_interval():
    """Of 200 samples whose true mean is 5, the range holds it about 190 times."""
    chance, holds = np.random.default_rng(4), 0
    for _ in range(200):
        words = interval(chance.normal(5, 2, size=40), ".9f").replace(",", "").split()
        holds += float(words[1][1:]) < 5 < float(words[2][:-1])
    assert 178 <= holds <= 199


def test_how_likely(monkeypatch):
    """All texts at once are as likely as one by one, by challenge 8's own function."""
    monkeypatch.setattr(decoding_table, "LENGTH", 9)
    model = small_model()
    with torch.no_grad():
        ids = draw_all(model, torch.tensor([[3, 4, 5], [6, 7, 8]]), 1.0, [])
        found = log_probabilities(model, ids)
    right = [log_probability(model, row[None], 3) / 9 for row in ids]
    assert ids.shape == (2, 12) and found == pytest.approx(right, abs=1e-5)
