"""The finished beam search finds what trying everything finds, and greedy where it should."""

import itertools
import random
import sys

import pytest
import torch
from tutor.facts.lab import Lab
from tutor.facts.words import facts_of
from tutor.running.child import load_check

from mini_gpt.story import SEED, STORY, TRAINING_TEXT
from scaffolds.reference import beam_search as reference
from scaffolds.reference.beam_search import beam_search, log_probability
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.trainer import train
from scaffolds.reference.transformer import MiniGPT
from tests.conftest import ROOT

CHECK = ROOT / "checks" / "08_beam_search_test.py"
MODELS = 150


class Table(torch.nn.Module):
    """A model whose scores depend on the last two ids, made at random."""

    def __init__(self, vocab_size: int, seed: int):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.scores = 1.5 * torch.randn(2, vocab_size, vocab_size, generator=generator)
        self.config = {"vocab_size": vocab_size, "block_size": 100}

    def forward(self, ids):
        """Map (B, T) to (B, T, V)."""
        before = ids.roll(1, dims=1)
        before[:, 0] = 0
        return self.scores[0][ids] + self.scores[1][before]


def every_text(model, prompt, n, penalty, eos):
    """Return all texts with their scores, best first."""
    texts = set()
    for new in itertools.product(range(model.config["vocab_size"]), repeat=n):
        end = new.index(eos) + 1 if eos in new else n
        texts.add((*prompt, *new[:end]))
    scored = []
    for text in texts:
        total = log_probability(model, torch.tensor([text]), len(prompt))
        scored.append((list(text), total / (len(text) - len(prompt)) ** penalty))
    return sorted(scored, key=lambda pair: -pair[1])


def greedy(model, prompt, n, eos):
    """Take the best token each time."""
    ids = list(prompt)
    while len(ids) < len(prompt) + n and (len(ids) == len(prompt) or ids[-1] != eos):
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
    return ids


@pytest.mark.parametrize("penalty", [0.0, 0.7, 2.0, -1.0])
@pytest.mark.parametrize("eos", [None, 1])
def test_equal_to_enumeration(penalty, eos):
    """With beams for all texts, it finds all of them, in order; with one beam, it is greedy."""
    chance = random.Random(8)
    for seed in range(MODELS // 8):
        size, n = chance.choice([(2, 3), (3, 2), (3, 3), (4, 2)])
        model, prompt = Table(size, seed), [chance.randrange(size) for _ in range(2)]
        found = beam_search(model, torch.tensor([prompt]), n, size**n, penalty, eos)
        right = every_text(model, prompt, n, penalty, eos)
        assert len(found) == len(right)
        for (_, score), (_, right_score) in zip(found, right, strict=True):
            assert score == pytest.approx(right_score, abs=1e-4)
        assert {tuple(ids[0].tolist()) for ids, _ in found} == {tuple(ids) for ids, _ in right}
        ((ids, _),) = beam_search(model, torch.tensor([prompt]), n, 1, penalty, eos)
        assert ids[0].tolist() == greedy(model, prompt, n, eos)


def test_all_beams_in_one_batch():
    """Each step asks the model once, for all beams together."""
    shapes = []

    class Counting(Table):
        def forward(self, ids):
            shapes.append(tuple(ids.shape))
            return super().forward(ids)

    beam_search(Counting(5, 1), torch.tensor([[1, 2]]), 3, n_beams=4)
    assert shapes == [(1, 2), (4, 3), (4, 4)]


def test_no_fact_rests_on_equal_scores(monkeypatch):
    """In every case of the check, the scores that decide are further apart than rounding."""
    check = load_check(CHECK)
    gaps, search = [], check.search

    def listen(*arguments, **options):
        texts, gap = search(*arguments, **options)
        gaps.append(gap)
        return texts, gap

    # The search for clear models meets unclear ones. What is compared is listened to.
    clear_models = check.clear_models

    def unheard(*arguments, **options):
        monkeypatch.setattr(check, "search", search)
        models = clear_models(*arguments, **options)
        monkeypatch.setattr(check, "search", listen)
        return models

    monkeypatch.setattr(check, "clear_models", unheard)
    monkeypatch.setattr(check, "search", listen)
    lab = Lab(reference)
    for fact in facts_of(check):
        if fact.__name__ not in ("test_crop", "test_real_model"):
            fact(lab)
    assert len(gaps) > 40 and min(gaps) > check.CLEAR
    sys.modules.pop(check.__name__, None)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"n_beams": 0}, "n_beams must be at least 1, got 0"),
        ({"max_new_tokens": 0}, "max_new_tokens must be at least 1, got 0"),
        ({"ids": torch.zeros(1, 0, dtype=torch.int64)}, "ids must hold at least 1 token"),
    ],
)
def test_refusals_are_sentences(changes, says):
    """What is passed in wrongly is named, with the value that was seen."""
    usual = {"model": Table(3, 1), "ids": torch.tensor([[1]]), "max_new_tokens": 2}
    with pytest.raises(ValueError, match=says):
        beam_search(**usual | changes)
    with pytest.raises(ValueError, match="start must be 1 to 1, the number of ids, got 0"):
        log_probability(Table(3, 1), torch.tensor([[1]]), 0)


def test_numbers_of_the_page():
    """What the page shows of a story model after 30 steps is what comes out."""
    page = " ".join((ROOT / "docs" / "08_beam_search.md").read_text(encoding="utf-8").split())
    tokenizer = CharTokenizer(STORY)
    torch.manual_seed(SEED)
    model = MiniGPT(vocab_size=tokenizer.vocab_size)
    train(model, torch.tensor(tokenizer.encode(TRAINING_TEXT)), steps=30, seed=SEED)
    ids = torch.tensor([tokenizer.encode("hello")])
    for n_beams, row in [(1, "greedy ends at {} {}"), (2, "12 {} {}")]:
        text, score = beam_search(model, ids, 12, n_beams)[0]
        assert row.format(tokenizer.decode(text[0].tolist()), f"{score:.2f}") in page
