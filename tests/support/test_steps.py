"""A training counts its steps, and they decide how long its windows are and how far it moves."""

import torch

from mini_gpt.story import STORY, TRAINING_TEXT
from mini_gpt.support import checkpoint
from mini_gpt.support.training.training import Options, Training, resume
from mini_gpt.support.web import learn
from scaffolds.reference.tokenizer import CharTokenizer
from tests.support.models import LETTERS, small_model


def test_short_windows(sharp):
    """In the first share of the steps, windows are half as long, and twice as many."""
    model, tokenizer = sharp
    training, seen = Training(model, tokenizer, Options(steps=5, batch_size=4, short=0.6)), []
    guess = training.guess
    training.guess = lambda ids: seen.append(tuple(ids.shape)) or guess(ids)
    for _ in range(5):
        training.learn(tokenizer.encode(STORY * 3))
    assert seen == [(8, 32)] * 3 + [(4, 64)] * 2


def test_resume_across_the_border(tmp_path):
    """Where windows get longer, a training that was stopped goes on exactly, too."""
    halves = ([6, 10], [10])
    states = []
    for stops in halves:
        training = Training(
            small_model(block_size=8), CharTokenizer(LETTERS), Options(10, short=0.8)
        )
        for stop in stops:
            while training.step < stop:
                training.learn([7 * place % 16 for place in range(100)])
            training.look(1.0, list(range(9)))
            checkpoint.save(tmp_path / "one.pt", training.state())
            training = resume(checkpoint.load_training(tmp_path / "one.pt"), None, "cpu")
        states.append(training.state()["weights"])
    assert all(torch.equal(weight, states[1][name]) for name, weight in states[0].items())


def test_the_page_learns():
    """What the page trains on the story knows it after 100 steps, as the model of loop 3 does."""
    *_, (_, _, losses, sample) = learn.train(TRAINING_TEXT, steps=100)
    assert len(losses) == 100 and losses[-1] < 0.1
    assert sample.startswith("red hen curled up. hello world.")
