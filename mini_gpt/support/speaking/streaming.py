"""Characters as they come: nobody likes to wait for a whole text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a model in numpy speaks without PyTorch
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
    return characters(new_ids(model, ids, n_tokens, temperature, top_k, generator), tokenizer)


def new_ids(
    model: nn.Module,
    ids: Tensor,
    n_tokens: int,
    temperature: float,
    top_k: int | None,
    generator: torch.Generator,
) -> Iterator[int]:
    """Continue a text with your own generate, and yield each new id. The arguments are stream's."""
    from mini_gpt.sampler import generate

    for _ in range(n_tokens):
        # What is further back than the model can look at need not be carried along.
        ids = generate(
            model, ids[:, -model.config["block_size"] :], 1, temperature, top_k, generator
        )
        yield int(ids[0, -1])


def characters(ids: Iterable[int], tokenizer: object) -> Iterator[str]:
    """Turn ids into text, and yield each piece as soon as all of its bytes are there.

    Args:
        ids: may come one after the other.
        tokenizer: its decode is used.
    """
    pending: list[int] = []
    told = 0  # so many characters of them
    for id in ids:
        pending.append(id)
        text = tokenizer.decode(pending)
        whole = text.rstrip(HALF)
        if len(whole) > told:
            yield whole[told:]
            told = len(whole)
        if whole == text:
            pending, told = [], 0
    if pending:  # the last character stays a half
        yield tokenizer.decode(pending)[told:]


def first_words(pieces: Iterable[str], before: str, n_words: int) -> Iterator[str]:
    """Let a text through until so many words of it are finished.

    Words are counted in the text, not in the tokens: a token such as " red" ends one word and
    begins the next.

    Args:
        pieces: the text, piece by piece.
        before: what stands before it. A word that is half done there is not a new one.
        n_words: at least 1.
    """
    begun, was_space = 0, before[-1:].isspace()
    for piece in pieces:
        for number, character in enumerate(piece):
            is_space = character.isspace()
            if is_space and begun == n_words and not was_space:
                yield piece[:number]
                return
            begun += was_space and not is_space
            was_space = is_space
        yield piece
