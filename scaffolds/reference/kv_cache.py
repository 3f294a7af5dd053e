"""Loop 10, the KV cache: keep what each token has worked out, and calculate only what is new.

Shapes: B texts, t new tokens, T tokens in all, C numbers per token, H heads, D = C / H, V possible
tokens. A token's key and value never change, because it looks only back. So they can be kept.
Source: Shazeer 2019, arXiv:1911.02150, section 2.4.
"""

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
        self.model = model
        self.length = 0
        self.layers = []

    def open(self, x: Tensor) -> None:
        """Make room for all tokens that the model can look at, of as many texts as x has.

        Args:
            x: any numbers of the model, (B, t, C): their type and device are taken over.
        """
        # Each layer needs a place for a key and a value, of every head and every token.
        H, room = self.model.config["n_head"], self.model.config["block_size"]
        shape = (2, len(x), H, room, x.shape[-1] // H)  # (2, B, H, block_size, D)
        self.layers = [x.new_zeros(shape) for _ in self.model.blocks]


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
    B, t, C = x.shape
    H, D, end = layer.shape[2], layer.shape[4], start + t
    # Make a query, a key and a value for the new tokens only, and share them among the heads.
    qkv = attention.qkv(x).view(B, t, 3, H, D).permute(2, 0, 3, 1, 4)  # (3, B, H, t, D)
    # Put the new keys and values behind those that are kept.
    layer[:, :, :, start:end] = qkv[1:]
    # Score each new query against every key, old and new.
    q, (k, v) = qkv[0], layer[:, :, :, :end]  # (B, H, t, D), and (B, H, T, D) each
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)  # (B, H, t, T)
    # A new token sees all the old ones. Of the new ones, it sees itself and those before it.
    if t > 1:
        future = torch.ones(t, end, dtype=torch.bool, device=x.device).triu(diagonal=start + 1)
        scores = scores.masked_fill(future, float("-inf"))
    # Mix the values, and put the heads side by side again.
    mixed = torch.softmax(scores, dim=-1) @ v  # (B, H, t, D)
    return attention.output(mixed.transpose(1, 2).reshape(B, t, C))


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
    start, end = cache.length, cache.length + ids.shape[1]
    room = model.config["block_size"]
    # There are only block_size places.
    if end > room:
        raise ValueError(f"all tokens must fit into block_size {room}, got {start} old, {end} all")
    # What another model worked out means nothing to this one.
    if cache.model is not model:
        raise ValueError("cache must be made for this model, got one of another: KVCache(model)")
    # Each text has keys of its own, so there must be as many texts as before.
    if start and len(ids) != cache.layers[0].shape[1]:
        raise ValueError(f"ids must have {cache.layers[0].shape[1]} rows as before, got {len(ids)}")
    # The new tokens stand behind the old ones: their places are counted on from there.
    places = torch.arange(start, end, device=ids.device)
    x = model.token_embedding(ids) + model.position_embedding(places)  # (B, t) -> (B, t, C)
    # The first tokens show how many texts there are.
    if start == 0:
        cache.open(x)
    # Send the new tokens through the blocks, as the model does. Each block has its own layer.
    for block, layer in zip(model.blocks, cache.layers):
        x = x + attend(block.attention, block.norm_1(x), layer, start)
        x = x + block.mlp(block.norm_2(x))
    # All blocks have them now, so they count as kept.
    cache.length = end
    return model.head(model.norm(x))  # (B, t, C) -> (B, t, V)


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
        unseen = ids[:, self.cache.length :]
        if unseen.shape[1] > 0:
            return forward_with_cache(self.gpt, unseen, self.cache)
        # The text is longer than the model can look at: the oldest token has left, and all others
        # have moved to another place. Nothing that is kept is true any more: calculate all anew.
        return self.gpt(ids)


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
    from mini_gpt.sampler import generate

    # Remember the model's mode: whatever happens, it is in this mode again at the end.
    was_training = model.training
    # Let generate do what it always does, with a model that remembers.
    try:
        return generate(
            Remembering(model), ids, max_new_tokens, temperature, top_k, generator=generator
        )
    finally:
        model.train(was_training)
