"""How a token is written where a space would not be seen."""

import torch
from torch import Tensor

COLUMN, TIMES = 0.3, 2
"""A column is dark from this mean share on, if that is so many times what an even guess gives."""

SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def label(token: str) -> str:
    """Write a token so that it can be seen."""
    for character, sign in SIGNS.items():
        token = token.replace(character, sign)
    return token


def dark_column(weights: Tensor, tokens: list[str]) -> str:
    """Name the place that many look at: what a role cannot tell, since it is about this text.

    Args:
        weights: the map of one head, (T, T).
        tokens: the T tokens.

    Returns:
        The token at the place that gets the largest mean share from those behind it, four at least,
        and this share. "-" if no column is dark.
    """
    even = 1 / torch.arange(1, len(tokens) + 1)
    dark = {}
    for place in range(len(tokens) - 4):
        share, guess = weights[place + 1 :, place].mean(), even[place + 1 :].mean()
        if share >= max(COLUMN, TIMES * guess):
            dark[place] = float(share)
    if not dark:
        return "-"
    place = max(dark, key=dark.__getitem__)
    return f"{label(tokens[place])} {dark[place]:.0%}"
