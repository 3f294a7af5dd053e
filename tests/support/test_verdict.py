"""The verdict on a training: what is normal passes, and what is not is named in words that help."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from mini_gpt.paths import ROOT
from mini_gpt.support.training import evidence, verdict
from mini_gpt.support.training.evidence import Evidence
from mini_gpt.support.training.loss_picture import draw
from mini_gpt.support.training.optimizer import share_of_rate
from mini_gpt.support.training.training import Options, Training
from mini_gpt.support.training.yardsticks import yardsticks
from scaffolds.reference import transformer
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.transformer import MiniGPT
from tools.planted_faults import FAULTS, Case

EASY = {
    "even guess": 4.2,
    "letter frequencies": 3.3,
    "letter pairs": 2.5,
    "pieces of 6 letters": 1.6,
}
HEALTHY = Evidence(
    history=[(250, 2.5, 2.1), (500, 1.9, 1.9)],
    steps=500,
    easy=EASY,
    copied=0.0,
    unknown=0.0,
    ahead=1e-6,
    across=0.0,
    places=2.0,
    early=3.3,
    late=1.9,
    still=[],
)
UNUSUAL = {
    "not a number any more": {"history": [(250, math.nan, math.nan)]},
    "sees what it shall guess": {"ahead": 0.5},
    "look at one another": {"across": 0.5},
    "50% of the unseen text": {"copied": 0.5},
    "2.0% of the text is <unk>": {"unknown": 0.02},
    "never moved: head.weight, head.bias": {"still": ["head.weight", "head.bias"]},
    "cannot tell places apart": {"places": 0.0},
    "worse on unseen text than an even guess": {"history": [(500, 1.0, 6.0)]},
    "how often each letter comes": {"history": [(500, 3.3, 3.3)]},
    "only the letter before": {"history": [(500, 2.6, 2.6)]},
    "guesses hardly better": {"late": 3.29},
    "too good": {"history": [(500, 0.9, 0.9)]},
    "by heart": {"history": [(250, 1.5, 2.0), (500, 0.9, 2.6)]},
}


def test_healthy():
    """A healthy training is called normal, and is compared with what is easy."""
    assert verdict.judge(HEALTHY, None) == []
    told = verdict.tell(HEALTHY, [])
    assert "letter pairs 2.50" in told and "1.90, or 2.74 bits" in told and "Yes" in told


@pytest.mark.parametrize("words", UNUSUAL)
def test_unusual(words):
    """Each thing that is unusual is named."""
    found = verdict.judge(replace(HEALTHY, **UNUSUAL[words]), None)
    assert words in found[0] and found[0] in verdict.tell(HEALTHY, found)


def test_band():
    """A loss outside of what was measured is told, but only where somebody measured it."""
    band = {
        "seeds": 20,
        "steps": 2000,
        "looks": {"250": [2.4, 2.6, 2.0, 2.2], "500": [1.0, 1.1, 1.0, 1.1]},
    }
    assert verdict.judge(HEALTHY, band) == []  # at step 500, this one slows down already
    early = replace(HEALTHY, history=[(250, 2.5, 2.3)])
    expected = "At step 250 the loss on the unseen text was 2.30; of 20 trainings that went well, "
    assert verdict.judge(early, band) == [expected + "2.00 to 2.20."]


def test_the_kept_band():
    """The band is that of 20 trainings with the options that are the default."""
    band = json.loads(verdict.BAND.read_text(encoding="utf-8"))
    assert band["seeds"] == 20 and band["ids"] == 1_115_394
    assert all(getattr(Options(), name) == value for name, value in band["options"].items())
    assert band["steps"] == Options.steps
    assert list(band["looks"]) == [str(step) for step in range(250, 2001, 250)]
    for low, high, unseen_low, unseen_high in band["looks"].values():
        assert 1 < low < high < 4 and 1 < unseen_low < unseen_high < 4


def test_the_table_of_the_page():
    """The page tells the losses on unseen text that were measured."""
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    unseen = json.loads(verdict.BAND.read_text(encoding="utf-8"))["unseen"]
    for step in (750, 1000, 2000):
        numbers = " | ".join(f"{loss:.2f}" for loss in unseen[str(step)])
        assert f"| {step:,} | {numbers} |" in page


def test_yardsticks():
    """By hand: six letters are known by heart, even guesses cost ln V."""
    easy = yardsticks([3, 4] * 500, [3, 4, 3, 4, 3, 4, 3, 4], 6)
    assert easy["even guess"] == pytest.approx(math.log(6))
    assert easy["letter frequencies"] == pytest.approx(math.log(2), abs=0.01)
    assert 0 < easy["letter pairs"] < 0.01
    # 3 letters, of which 2 kinds, in 3 + 2 parts: (2 + 2 / 5) / 5 and (1 + 2 / 5) / 5.
    by_hand = [(2 + 2 / 5) / 5, (1 + 2 / 5) / 5]
    expected = -sum(map(math.log, by_hand)) / 2
    assert yardsticks([3, 3, 4], [4, 3, 4], 5)["letter frequencies"] == pytest.approx(expected)


def test_longer_pieces_are_never_taken_from_the_future():
    """Text that cannot be foreseen costs as much as guessing evenly."""
    generator = np.random.default_rng(0)
    train, val = generator.integers(0, 8, 20_000), generator.integers(0, 8, 5_000)
    assert min(yardsticks(train, val, 8).values()) > 0.98 * math.log(8)


def test_what_is_copied():
    """Unseen text that stands in the training text is found, wherever it stands."""
    ids = np.random.default_rng(0).integers(3, 60, 3_000).astype("<u2")
    assert evidence.share_in(ids[:1000], ids[1000:]) == 0
    assert evidence.share_in(ids[500:1500], ids) == 1
    assert 0.3 < evidence.share_in(ids[500:1500], ids[1000:]) < 0.6


@pytest.fixture
def case():
    """Make a training of a small model on letters drawn at random."""
    torch.manual_seed(0)
    tokenizer = CharTokenizer("abcdefghijklm")
    model = MiniGPT(tokenizer.vocab_size, 16, 2, 2, block_size=16)
    ids = np.random.default_rng(0).integers(3, 16, 2_000).astype("<u2")
    training = Training(model, tokenizer, Options(steps=4, eval_every=2, batch_size=4))
    return Case(training, ids[:1800], ids[1800:])


def seen_of(case):
    """Train a little, and gather what is seen."""
    training = case.training
    training.fused = False
    for _ in range(2):
        training.learn(case.train_ids)
    training.look(1.0, case.val_ids)
    return evidence.gather(training, case.train_ids, case.val_ids)


def test_a_healthy_model_acts_well(case):
    """It sees neither ahead nor across, tells places apart, and all of it moves."""
    seen = seen_of(case)
    assert seen.ahead < verdict.ROUNDING and seen.across < verdict.ROUNDING
    assert seen.places > 0.01 and seen.still == [] and seen.copied == seen.unknown == 0


@pytest.mark.parametrize("times", [100, 0.01])
def test_planted_rates(case, times):
    """The learning rate that is planted is the one of the steps."""
    groups = [g for optimizer in case.training.optimizers for g in optimizer.param_groups]
    before = [group["initial_lr"] for group in groups]
    FAULTS[f"learning rate 100 times too {'large' if times > 1 else 'small'}"](case)
    case.training.learn(case.train_ids)
    share = share_of_rate(1, case.training.options.steps)
    assert [g["lr"] for g in groups] == pytest.approx([times * share * rate for rate in before])


PLANTED = {
    "no mask": "sees what it shall guess",
    "the mask begins one too late": "sees what it shall guess",
    "heads joined wrongly": "sees what it shall guess",
    "texts of a batch mixed": "look at one another",
    "no positions": "cannot tell places apart",
    "one block frozen": "never moved: blocks.0",
    "matrices not in the optimizer": "never moved",
    "training text as validation text": "100% of the unseen text",
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted(case, monkeypatch, name):
    """A fault in the model is named at once, however short the training."""
    for owner, part in (
        (transformer, "causal_attention"),
        (transformer.SelfAttention, "forward"),
        (transformer.Block, "forward"),
    ):
        monkeypatch.setattr(owner, part, getattr(owner, part))  # so that it comes back
    FAULTS[name](case)
    assert PLANTED[name] in " ".join(verdict.judge(seen_of(case), None))


def test_picture():
    """The picture has both losses, all yardsticks, and bits beside nats."""
    figure = draw(HEALTHY.history, EASY)
    (axes,) = figure.axes
    assert [line.get_label() for line in axes.lines[:2]] == ["training text", "unseen text"]
    assert list(axes.lines[1].get_ydata()) == [2.1, 1.9]
    assert {text.get_text() for text in axes.texts} == set(EASY)
    (bits,) = axes.child_axes
    assert bits.get_ylabel() == "bits a character"
