"""The text that the model reads, and the part of it that is shown."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mini_gpt.support.looking.labels import in_units
from mini_gpt.support.refusal import Refusal
from mini_gpt.support.tokenizers import UNKNOWN

MOST = 51
"""A map of more tokens than this cannot be read any more. It is the length of the story."""


@dataclass(frozen=True)
class Reading:
    """A text as the model reads it.

    Args:
        ids: the whole text up to the end of the part, (1, T).
        tokens: the same as text, T tokens.
        first: where the part begins that is shown, from 0.
    """

    ids: Tensor
    tokens: list[str]
    first: int = 0

    @property
    def shown(self) -> list[str]:
        """The tokens of the part."""
        return self.tokens[self.first :]

    def part(self, maps: list[Tensor]) -> list[Tensor]:
        """Cut the part out of maps (H, T, T), one for each layer."""
        return [weights[:, self.first :, self.first :] for weights in maps]


def read(text: str, model, tokenizer, first: int | None, last: int | None) -> Reading:
    """Turn a text into what the model reads. No token sees a later one, so it may end at the part.

    Args:
        text: what the user typed.
        model: says how much it can read at once.
        tokenizer: its tokenizer.
        first: the first token to show, from 1. None: the first of all.
        last: the last token to show, from 1. None: the last of all.

    Raises:
        Refusal: the text is empty, unknown or too long, or there is no such part.
    """
    if not text:
        raise Refusal('The text must hold at least 1 character, got 0: try "hello world".')
    ids = tokenizer.encode(text)
    refuse_unknown(ids, tokenizer)
    refuse_part(len(ids), first, last)
    first, last = first or 1, last or len(ids)
    tokens = [tokenizer.decode([token]) for token in ids[:last]]
    refuse_long(tokens, first, model.config["block_size"])
    return Reading(torch.tensor([ids[:last]], dtype=torch.int64), tokens, first - 1)


def refuse_unknown(ids: list[int], tokenizer) -> None:
    """Refuse a text of which the model knows nothing at all."""
    if ids and set(ids) <= {UNKNOWN}:
        known = "".join(sorted(token for token in tokenizer.vocab[3:] if len(token) == 1))
        wrong = "The model knows no character of this text"
        raise Refusal(f"{wrong}. It knows these, and the space: {known.strip()}")


def refuse_part(length: int, first: int | None, last: int | None) -> None:
    """Refuse a part that the text does not have."""
    for flag, value in {"from": first, "to": last}.items():
        if value is not None and not 1 <= value <= length:
            wrong = f"--{flag} must be 1 to {length}, the length of the text, got {value}"
            raise Refusal(f"{wrong}: count from 1.")
    if (first or 1) > (last or length):
        raise Refusal(f"--from must not be behind --to, got {first} and {last or length}.")


def refuse_long(tokens: list[str], first: int, block_size: int) -> None:
    """Refuse what the model cannot read at once, and what nobody can read on a map."""
    last = len(tokens)
    if last > block_size:
        wrong = f"The text has {last} characters up to there, but this model reads at most"
        wrong = f"{in_units(wrong, tokens)} {block_size} at once (its block_size)"
        raise Refusal(f"{wrong}: add --to {block_size}.")
    if last - first + 1 > MOST:
        wrong = f"A map of {last - first + 1} characters is too small to read, {MOST} is the most"
        part = f"--from {first} --to {first + MOST - 1}"
        raise Refusal(f"{in_units(wrong, tokens)}. Choose a part: add {part}, or another one.")
