"""The cache of the reference: the same texts as without it, from any model and any prompt."""

import pytest
import torch

from scaffolds.reference.kv_cache import KVCache, forward_with_cache, generate_cached
from scaffolds.reference.sampler import generate
from scaffolds.reference.transformer import MiniGPT


def random_case(seed):
    """Make a small model with numbers of 16 digits, and a way to draw whole numbers."""
    generator = torch.Generator().manual_seed(seed)

    def draw(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    heads = draw(1, 4)
    sizes = (draw(5, 20), heads * draw(1, 4), heads, draw(1, 3), draw(4, 20))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MiniGPT(*sizes).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.4 * torch.randn(parameter.shape, generator=generator))
    return model, draw, generator


@pytest.mark.parametrize("seed", range(8))
def test_same_texts(seed):
    """At temperature 0 both write the same, for prompts below and above block_size."""
    model, draw, generator = random_case(seed)
    room = model.config["block_size"]
    for _ in range(10):
        shape = (1, draw(1, room + 5))
        ids = torch.randint(model.config["vocab_size"], shape, generator=generator)
        n = draw(1, room)
        assert torch.equal(generate(model, ids, n, 0), generate_cached(model, ids, n, 0))


@pytest.mark.parametrize("seed", range(8))
def test_any_chunks(seed):
    """However a text is cut, the same logits come out as all at once."""
    model, draw, generator = random_case(seed)
    for _ in range(10):
        B, T = draw(1, 3), draw(1, model.config["block_size"])
        ids = torch.randint(model.config["vocab_size"], (B, T), generator=generator)
        cache, parts = KVCache(model), []
        while cache.length < T:
            t = draw(1, T - cache.length)
            new = ids[:, cache.length : cache.length + t]
            parts.append(forward_with_cache(model, new, cache))
        with torch.no_grad():
            assert torch.allclose(torch.cat(parts, dim=1), model(ids), atol=1e-10)


def test_strangers_are_refused():
    """A cache of another model, or another number of texts, is refused with a clear sentence."""
    model, other = MiniGPT(7, 4, 2, 1, 6), MiniGPT(7, 4, 2, 1, 6)
    cache, ids = KVCache(model), torch.tensor([[1], [2]])
    with pytest.raises(ValueError, match="cache must be made for this model"):
        forward_with_cache(other, ids, cache)
    forward_with_cache(model, ids, cache)
    with pytest.raises(ValueError, match="ids must have 2 rows as before, got 1"):
        forward_with_cache(model, ids[:1], cache)
    assert cache.length == 1
