"""Your own KV cache is used where it gives the same, and otherwise a line says why not."""

import sys
import types

import pytest
import torch

from mini_gpt.paths import ROOT
from mini_gpt.support.speaking.remembering import CHECK, Remembering, remember, why
from mini_gpt.support.speaking.streaming import new_ids
from mini_gpt.support.stand_in import StandIn
from scaffolds.reference import kv_cache as reference
from tests.support.models import small_model


def ids_of(model, prompt, temperature=1.0, n=30):
    """Let a model write."""
    generator = torch.Generator().manual_seed(2)
    return list(new_ids(model, torch.tensor([prompt]), n, temperature, 5, generator))


@pytest.mark.parametrize("block_size", [1, 2, 7, 12, 64])
@pytest.mark.parametrize("temperature", [0, 1.0])
def test_the_same_ids(block_size, temperature):
    """With and without a cache, the same seed writes the same, far beyond block_size."""
    model = small_model(block_size=block_size)
    quick, line = remember(model)
    assert quick is not model
    assert line == f"KV cache: borrowed, for texts of up to {block_size} tokens"
    for prompt in ([3], [5, 5, 5, 5], [3, 7] * 10):
        assert ids_of(quick, prompt, temperature) == ids_of(model, prompt, temperature)


def test_each_token_once():
    """While the text fits, each token goes through the model once, later in a talk too."""
    model, seen = small_model(block_size=64), []
    model.norm.register_forward_hook(lambda part, given, made: seen.append(made.shape[1]))
    quick = Remembering(model).eval()
    first = ids_of(quick, [3, 4, 5], n=10)
    assert seen == [3, *[1] * 9]
    seen.clear()
    ids_of(quick, [3, 4, 5, *first, 6, 7], n=2)
    assert seen == [3, 1]  # the last one of before, and two new ones
    seen.clear()
    ids_of(quick, [9, 4, 5], n=2)
    assert seen == [3, 1]  # another text


def test_a_model_with_other_names():
    """A model whose parts have other names is used as it is, and the line says which is missing."""
    model = small_model()
    model.layers = model.blocks
    model.forward = lambda ids: torch.zeros(1, ids.shape[1], 16)
    del model.blocks
    same, line = remember(model)
    assert same is model
    assert line == "KV cache: not used, the model has no blocks, which loop 2's skeleton has"
    inner = small_model()
    del inner.blocks[0].norm_1
    inner.forward = model.forward
    assert "the model has no blocks.0.norm_1" in remember(inner)[1]


def unwritten(model, ids, cache):
    """Not there yet."""
    raise NotImplementedError("write forward_with_cache in mini_gpt/kv_cache.py")


def from_0_again(model, ids, cache):
    """Forget where the new tokens stand."""
    return model(ids)


def refuses_the_last_place(model, ids, cache):
    """Refuse a text of exactly block_size tokens."""
    if cache.length + ids.shape[1] >= model.config["block_size"]:
        raise ValueError("too long")
    return reference.forward_with_cache(model, ids, cache)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (unwritten, "not written yet: write forward_with_cache in mini_gpt/kv_cache.py"),
        (from_0_again, "its numbers are others: python checks/10_kv_cache_test.py"),
        (refuses_the_last_place, "kv_cache.py says ValueError: too long"),
        (lambda model, ids, cache: None, "kv_cache.py says TypeError"),
    ],
)
def test_a_cache_that_is_not_right(wrong, says, monkeypatch):
    """A cache with a mistake is never used, and the line says where to look."""
    learners = types.ModuleType("mini_gpt.kv_cache")
    learners.KVCache, learners.forward_with_cache = reference.KVCache, wrong
    monkeypatch.setitem(sys.modules, "mini_gpt.kv_cache", learners)
    model = small_model()
    same, line = remember(model)
    assert same is model and line.startswith("KV cache: not used, ") and says in line


def test_the_mode():
    """A stand-in passes a change of mode on to the model, and spares it what is no change."""
    model = small_model()
    stand_in, switches = StandIn(StandIn(model.train())), []
    model.norm.train = switches.append
    for mode, changes in [(True, []), (False, [False]), (False, []), (True, [True]), (True, [])]:
        switches.clear()
        assert stand_in.train(mode) is stand_in and stand_in.training is mode
        assert switches == changes
    assert stand_in.config is model.config
    assert StandIn(model.eval()).training is False


def test_the_page():
    """Page 10 quotes the lines as they are said."""
    page = (ROOT / "docs" / "10_kv_cache.md").read_text(encoding="utf-8")
    model = small_model(block_size=64)
    assert remember(model)[1].replace("borrowed", "yours") in page
    del model.blocks[0].norm_1
    with pytest.raises(AttributeError) as error:
        model(torch.tensor([[3]]))
    assert f"KV cache: not used, {why(model, error.value)}" in page
    assert f"KV cache: not used, its numbers are others: {CHECK}" in page
