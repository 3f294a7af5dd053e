"""What makes a training on a book faster changes no number that it must not change."""

import pytest
import torch

from mini_gpt.support.exchange import exchanged
from mini_gpt.support.modern_gpt import ModernGPT
from mini_gpt.support.training import fused
from mini_gpt.support.training.optimizer import Muon, optimizers_for, share_of_rate, turn_only
from scaffolds.reference import transformer

SIZES = {"vocab_size": 9, "n_embd": 16, "n_head": 2, "n_layer": 2, "block_size": 12}


@pytest.fixture
def model():
    """Make a small model, always the same."""
    torch.manual_seed(0)
    return transformer.MiniGPT(**SIZES)


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 24, 8), (2, 8, 24)])
def test_turn_only(shape):
    """A matrix keeps its directions, and stretches all of them by about 1."""
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    turned = turn_only(matrices)
    stretches = torch.linalg.svdvals(turned)
    assert turned.shape == shape and 0.5 < stretches.min() and stretches.max() < 1.3
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    inside = u.mT @ turned @ v.mT  # in the directions of the matrix, nothing is off the diagonal
    assert (inside - torch.diag_embed(inside.diagonal(dim1=-2, dim2=-1))).abs().max() < 1e-3


def test_equal_shapes_together():
    """Matrices that are calculated at once move as each of them does alone."""
    matrices = [torch.nn.Parameter(torch.full((4, 3), float(n))) for n in range(3)]
    alone = [torch.nn.Parameter(matrix.detach().clone()) for matrix in matrices]
    optimizers = [Muon(matrices), *(Muon([matrix]) for matrix in alone)]
    for seed in range(3):
        for number, pair in enumerate(zip(matrices, alone)):
            generator = torch.Generator().manual_seed(10 * seed + number)
            for parameter in pair:
                parameter.grad = torch.randn(4, 3, generator=generator.manual_seed(seed + number))
        for optimizer in optimizers:
            optimizer.step()
    for one, other in zip(matrices, alone):
        torch.testing.assert_close(one, other)


def test_who_moves_what(model):
    """Muon moves the matrices inside, AdamW the tables, the head and all vectors."""
    adamw, muon = optimizers_for(model, "muon", 4e-3)
    names = {id(p): name for name, p in model.named_parameters()}
    inside = {names[id(p)] for group in muon.param_groups for p in group["params"]}
    expected = {n for n, p in model.named_parameters() if n.startswith("blocks") and p.ndim == 2}
    assert inside == expected and len(inside) == 2 * 4
    others = [p for group in adamw.param_groups for p in group["params"]]
    assert len(others) + len(inside) == len(list(model.parameters()))
    assert len(optimizers_for(model, "adamw", 4e-3)) == 1


def groups_of(model):
    """Return how AdamW moves each parameter that it moves: its rate and its decay."""
    adamw, _ = optimizers_for(model, "muon", 4e-3)
    groups = [(group["params"], group) for group in adamw.param_groups]
    return {id(p): (g["initial_lr"], g["weight_decay"]) for params, g in groups for p in params}


def test_tables_move_by_their_size():
    """A table moves the further the larger its numbers are, and rare rows go back to 0."""
    modern = ModernGPT(9, n_embd=16, n_head=2, block_size=12)
    how = groups_of(modern)
    letters, pairs = (how[id(t.weight)] for t in (modern.token_embedding, modern.rare_tables[0]))
    assert letters == (pytest.approx(0.02, rel=0.3), 0)
    assert pairs == (pytest.approx(0.002, rel=0.1), 1)


def test_one_table_for_two(model):
    """A table that two layers share is moved once."""
    model.again = torch.nn.Embedding(9, 16)
    model.again.weight = model.token_embedding.weight
    assert id(model.token_embedding.weight) in groups_of(model)


def test_small_tables_move_too(model):
    """A table that begins at 0 moves, and what a learner calls tables is no rare one."""
    torch.nn.init.zeros_(model.position_embedding.weight)
    model.tables = torch.nn.ModuleList([model.token_embedding])
    how = groups_of(model)
    assert how[id(model.position_embedding.weight)] == (pytest.approx(0.002), 0)
    assert how[id(model.token_embedding.weight)][1] == 0


def test_schedule():
    """The rate goes up, stays, and goes down to nearly nothing."""
    shares = [share_of_rate(step, 1000) for step in range(1, 1001)]
    assert shares[49:500] == [1.0] * 451
    assert shares[:50] == sorted(shares[:50]) and shares[500:] == sorted(shares[500:])[::-1]
    assert share_of_rate(1002, 1000) == 0  # whoever goes on for longer stands still
    assert 0 < min(shares) and max(share_of_rate(1, 1), shares[-1]) <= 0.02


def test_fused_is_the_same(model):
    """The fused attention gives the numbers of the written-out one, and only inside the block."""
    written_out = transformer.causal_attention
    assert fused.is_same(model) and transformer.causal_attention is written_out
    with pytest.raises(KeyError), exchanged(model, fused.fused_attention):
        assert transformer.causal_attention is fused.fused_attention
        raise KeyError
    assert transformer.causal_attention is written_out


def looks_ahead(q, k, v):
    """Forget the mask."""
    weights = torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, -1)
    return weights @ v, weights


def not_scaled(q, k, v):
    """Forget the scale."""
    hidden = torch.ones(q.shape[-2], q.shape[-2], dtype=torch.bool).triu(1)
    weights = torch.softmax((q @ k.mT).masked_fill(hidden, float("-inf")), -1)
    return weights @ v, weights


def test_fused_gives_no_weights(model, monkeypatch):
    """A model that keeps its weights to look at them is trained as it is."""
    forward = transformer.SelfAttention.forward

    def keeps(self, x):
        self.kept = transformer.causal_attention(*x.expand(3, 1, *x.shape).unbind())[1].detach()
        return forward(self, x)

    monkeypatch.setattr(transformer.SelfAttention, "forward", keeps)
    assert not fused.is_same(model)


@pytest.mark.parametrize("attention", [looks_ahead, not_scaled])
def test_fused_mends_nothing(model, monkeypatch, attention):
    """A model with a mistake in its attention is trained as it is."""
    monkeypatch.setattr(transformer, "causal_attention", attention)
    assert not fused.is_same(model)
    assert transformer.causal_attention is attention


def test_fused_needs_the_name(model, monkeypatch):
    """A model that never calls causal_attention, or has none, is trained as it is."""
    monkeypatch.delattr(transformer, "causal_attention")
    assert not fused.is_same(model)
