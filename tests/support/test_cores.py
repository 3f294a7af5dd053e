"""Cores that share a batch find what one of them finds, and leave everything else as it was."""

from functools import partial

import pytest
import torch
from torch import nn

from mini_gpt.support.training import together
from mini_gpt.support.training.cores import Cores, cores_for
from mini_gpt.support.training.gradients import all_numbers, find_gradients
from mini_gpt.support.training.training import Options, Training
from scaffolds.reference.tokenizer import CharTokenizer
from scaffolds.reference.transformer import MiniGPT

SIZES = {"vocab_size": 9, "n_embd": 16, "n_head": 2, "n_layer": 2, "block_size": 12}
IDS = [7 * place % 9 for place in range(100)]


@pytest.fixture
def three_cores():
    """Let PyTorch think that there are three cores: the tests use one."""
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(1)


def made():
    """Make a small model, always the same."""
    torch.manual_seed(0)
    return MiniGPT(**SIZES)


def found(model, find, rows):
    """Return the loss and all gradients that a way finds."""
    return all_numbers(find(rows), model)


@pytest.mark.parametrize("size", [3, 5, 8])
def test_same_gradients(three_cores, size):
    """Batches of any size give the gradients of one core, and frozen parameters get none."""
    model, rows = made(), torch.randint(9, (size, 13))
    model.blocks[0].requires_grad_(False)
    cores = cores_for(model, size)
    assert len(cores.models) == 3
    alone = found(model, partial(find_gradients, model), rows)
    torch.testing.assert_close(found(model, cores.find_gradients, rows), alone)
    assert model.blocks[0].mlp[0].weight.grad is None


def test_one_memory(three_cores):
    """What moves the weights of the model moves those of all cores."""
    model = made()
    cores = cores_for(model, 4)
    with torch.no_grad():
        model.head.weight.fill_(7)
    assert all(one.head.weight.eq(7).all() for one in cores.models)


def test_nothing_else_changes(three_cores):
    """Other threads still have all cores, and no random number is drawn."""
    before = torch.get_rng_state()
    model = made()
    torch.set_rng_state(before)
    cores_for(model, 4).find_gradients(torch.randint(9, (4, 13), generator=torch.Generator()))
    assert torch.equal(torch.get_rng_state(), before) and torch.get_num_threads() == 3
    assert Cores(model, 1).threads.submit(torch.get_num_threads).result() == 3


def test_chance_is_left_to_one(three_cores):
    """A model that draws by chance would be another one in each run: one thread trains it."""
    model = made()
    model.norm = nn.Sequential(model.norm, nn.Dropout(0.5))
    assert cores_for(model, 4) is None


def test_one_is_enough(three_cores, monkeypatch):
    """There are no more threads than rows or cores, and none beside other processes."""
    assert len(cores_for(made(), 2).models) == 2 and cores_for(made(), 1) is None
    with monkeypatch.context() as patch:
        patch.setattr(together, "size", lambda: 2)
        assert cores_for(made(), 4) is None
    torch.set_num_threads(1)
    assert cores_for(made(), 4) is None


def test_trainings_repeat(three_cores):
    """Two trainings with the same seed have the very same losses."""
    runs = []
    for _ in range(2):
        training = Training(made(), CharTokenizer("abcdef"), Options(steps=6, batch_size=5))
        assert training.cores
        runs.append([training.learn(IDS) for _ in range(6)])
    assert runs[0] == runs[1]


def test_short_windows():
    """In the first share of the steps, windows are half as long, and twice as many."""
    seen = []
    training = Training(made(), None, Options(steps=5, batch_size=4, short=0.6))
    find = training.find_gradients
    training.find_gradients = lambda rows: seen.append(tuple(rows.shape)) or find(rows)
    for _ in range(5):
        training.learn(IDS)
        training.step += 1
    assert seen == [(8, 7)] * 3 + [(4, 13)] * 2
