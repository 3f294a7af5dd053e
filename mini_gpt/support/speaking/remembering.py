"""Your own KV cache, used by the commands wherever it gives what the model gives."""

from operator import attrgetter

import torch
from torch import Tensor, nn

from mini_gpt.support.stand_in import StandIn

CHECK = "python checks/10_kv_cache_test.py"
PARTS = "token_embedding position_embedding blocks norm head".split()
PARTS_OF_A_BLOCK = "norm_1 attention.qkv attention.output norm_2 mlp".split()
TOLERANCE = 1e-3


class Remembering(StandIn):
    """A model that is shown a growing text, and works only on what is new in it.

    Args:
        model: a MiniGPT that the cache of mini_gpt/kv_cache.py can use.
    """

    def __init__(self, model: nn.Module):
        from mini_gpt.kv_cache import KVCache, forward_with_cache

        super().__init__(model)
        self.new_cache, self.forward_with_cache = KVCache, forward_with_cache
        self.known = torch.zeros(1, 0, dtype=torch.int64)

    @torch.no_grad()
    def forward(self, ids: Tensor) -> Tensor:
        """Map a text (1, T) to logits (1, T, V). All rows hold those after the last token."""
        old = self.known.shape[1]
        goes_on = 0 < old < ids.shape[1] and torch.equal(self.known, ids[:, :old])
        if not goes_on and ids.shape[1] == self.config["block_size"]:
            # The window has moved, and all tokens stand elsewhere: nothing can be kept.
            return self.model(ids)
        if not goes_on:
            self.cache, old = self.new_cache(self.model), 0
        logits = self.forward_with_cache(self.model, ids[:, old:], self.cache)
        self.known = ids
        return logits[:, -1:].expand(-1, ids.shape[1], -1)


def remember(model: nn.Module) -> tuple[nn.Module, str]:
    """Return a model that does not calculate anything twice, if that gives the same.

    Args:
        model: a MiniGPT, ready to be used.

    Returns:
        That model, or the same one as before. And a line that tells which, and why.
    """
    try:
        quick = Remembering(model)
        wrong = "" if gives_the_same(model, quick) else f"its numbers are others: {CHECK}"
        owner = quick.forward_with_cache.__module__
    except Exception as error:  # a learner's module may do anything
        wrong = why(model, error)
    if wrong:
        return model, f"KV cache: not used, {wrong}"
    whose = "borrowed" if owner.startswith("scaffolds.") else "yours"
    return quick, f"KV cache: {whose}, for texts of up to {model.config['block_size']} tokens"


@torch.no_grad()
def gives_the_same(model: nn.Module, quick: nn.Module) -> bool:
    """Compare both on a text that grows to block_size, in large and in small steps."""
    room, device = model.config["block_size"], next(model.parameters()).device
    chance = torch.Generator().manual_seed(0)
    ids = torch.randint(model.config["vocab_size"], (1, room), generator=chance).to(device)
    for end in sorted({(room + 1) // 2, room // 2 + 1, room}):
        right, got = model(ids[:, :end])[:, -1], quick(ids[:, :end])[:, -1]
        if not torch.allclose(got, right, rtol=TOLERANCE, atol=TOLERANCE):
            return False
    return True


def why(model: nn.Module, error: Exception) -> str:
    """Say why the cache cannot be used: which part the model lacks, or what went wrong."""
    if isinstance(error, NotImplementedError):
        return f"not written yet: {error}"
    names = [*PARTS, *(f"blocks.0.{name}" for name in PARTS_OF_A_BLOCK)]
    missing = [name for name in names if not has(model, name)]
    if missing:
        return f"the model has no {missing[0]}, which loop 2's skeleton has"
    said = f"{type(error).__name__}: {error}".partition("\n")[0]
    return f"mini_gpt/kv_cache.py says {said}"


def has(model: nn.Module, name: str) -> bool:
    """Tell whether a model has a part, such as blocks.0.norm_1."""
    try:
        attrgetter(name)(model)
    except AttributeError:
        return False
    return True
