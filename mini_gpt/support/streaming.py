"""Characters as they come: nobody likes to wait for a whole text."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

HALF = "\ufffd"
"""A character of which not all bytes are there yet."""


def stream(
    model: nn.Module,
    tokenizer: object,
    ids: Tensor,
    n_tokens: int,
    temperature: float,
    top_k: int | None,
    generator: torch.Generator,
) -> Iterator[str]:
    """Continue a text, and yield each piece of it as soon as it is there.

    Args:
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.
        ids: the text so far, (1, T), T at least 1.
        n_tokens: how many tokens to add.
        temperature: 0 or above.
        top_k: draw from the k best only. None means from all.
        generator: where the random numbers come from.
    """
    from mini_gpt.sampler import generate

    start, told = ids.shape[1], 0
    for number in range(n_tokens):
        ids = generate(model, ids, 1, temperature, top_k, generator)
        text = tokenizer.decode(ids[0, start:].tolist())
        is_whole = not text.endswith(HALF) or number == n_tokens - 1
        if is_whole and len(text) > told:
            yield text[told:]
            told = len(text)
