"""Loop 10, the KV cache: keep what each token has worked out, and calculate only what is new.

Shapes: B texts, t new tokens, T tokens in all, C numbers per token, H heads, D = C / H, V possible
tokens. A token's key and value never change, because it looks only back. So they can be kept.
Source: Shazeer 2019, arXiv:1911.02150, section 2.4.
"""

# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/10_kv_cache_test.py scaffolds/10_kv_cache_skeleton.py
# Or take it over:  cp scaffolds/10_kv_cache_skeleton.py mini_gpt/kv_cache.py

import math

import torch
from torch import Tensor, nn


class KVCache:
    """Keep the keys and values of all tokens so far, for each layer of a model.

    Args:
        model: the MiniGPT whose keys and values these are.
    """

    def __init__(self, model: nn.Module):
        # Remember whose cache it is. It holds no token yet, so there is nothing to keep.
        raise NotImplementedError("write KVCache.__init__ in mini_gpt/kv_cache.py")

    def open(self, x: Tensor) -> None:
        """Make room for all tokens that the model can look at, of as many texts as x has.

        Args:
            x: any numbers of the model, (B, t, C): their type and device are taken over.
        """
        # Each layer needs a place for a key and a value, of every head and every token.
        raise NotImplementedError("write KVCache.open in mini_gpt/kv_cache.py")


def attend(attention: nn.Module, x: Tensor, layer: Tensor, start: int) -> Tensor:
    """Let new tokens look back at all tokens: at those that are kept, and at each other.

    Args:
        attention: the attention of one block, with its parts qkv and output.
        x: the new tokens, (B, t, C).
        layer: what the cache keeps for this block, (2, B, H, block_size, D). It is filled up.
        start: how many tokens it holds already.

    Returns:
        What the new tokens found, (B, t, C).
    """
    # Make a query, a key and a value for the new tokens only, and share them among the heads.
    # Put the new keys and values behind those that are kept.
    # Score each new query against every key, old and new.
    # A new token sees all the old ones. Of the new ones, it sees itself and those before it.
    # Mix the values, and put the heads side by side again.
    raise NotImplementedError("write attend in mini_gpt/kv_cache.py")


@torch.no_grad()
def forward_with_cache(model: nn.Module, ids: Tensor, cache: KVCache) -> Tensor:
    """Guess what follows each new token, and keep the new tokens' keys and values.

    Args:
        model: a MiniGPT.
        ids: the new tokens only, int64, (B, t), t at least 1.
        cache: holds all tokens before them. It is filled up.

    Returns:
        Logits (B, t, V): what model(all tokens) gives at the places of the new ones.

    Raises:
        ValueError: the text gets longer than block_size, or the cache belongs to another model or
            to another number of texts. The cache stays as it was.
    """
    # There are only block_size places.
    # What another model worked out means nothing to this one.
    # Each text has keys of its own, so there must be as many texts as before.
    # The new tokens stand behind the old ones: their places are counted on from there.
    # The first tokens show how many texts there are.
    # Send the new tokens through the blocks, as the model does. Each block has its own layer.
    # All blocks have them now, so they count as kept.
    raise NotImplementedError("write forward_with_cache in mini_gpt/kv_cache.py")


class Remembering(nn.Module):
    """A stand-in for a model that is shown a growing text, and works only on what is new in it.

    Args:
        model: a MiniGPT.
    """

    def __init__(self, model: nn.Module):
        super().__init__()
        self.gpt = model
        self.config = model.config
        self.cache = KVCache(model)

    def forward(self, ids: Tensor) -> Tensor:
        """Map a text (1, T) to the logits of the tokens that were new in it, (1, t, V)."""
        # What stands behind the tokens in the cache is new.
        # The text is longer than the model can look at: the oldest token has left, and all others
        # have moved to another place. Nothing that is kept is true any more: calculate all anew.
        raise NotImplementedError("write Remembering.forward in mini_gpt/kv_cache.py")


def generate_cached(
    model: nn.Module,
    ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Continue a text as generate of loop 4 does, but calculate no token twice.

    Args:
        model: a MiniGPT.
        ids: the text so far, int64, (1, T), T at least 1.
        max_new_tokens: how many tokens to add.
        temperature: 0 or above: 0 takes the best token, above it one is drawn.
        top_k: draw from the k best only. None means from all.
        generator: where the random numbers come from.

    Returns:
        The text and its continuation, (1, T + max_new_tokens).

    Raises:
        ValueError: temperature or top_k is out of range.
    """
    # Remember the model's mode: whatever happens, it is in this mode again at the end.
    # Let generate do what it always does, with a model that remembers.
    raise NotImplementedError("write generate_cached in mini_gpt/kv_cache.py")


if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys
    from pathlib import Path

    check = Path(__file__).resolve().parents[1] / "checks" / "10_kv_cache_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
