"""The captions and the map of a head as text: for a terminal, and for a screen reader."""

import torch
from torch import Tensor

from mini_gpt.support.looking.captions import Caption
from mini_gpt.support.looking.labels import SIGNS, label
from mini_gpt.support.looking.reading import Reading

WIDE = 26
"""Up to so many tokens, the columns stand apart, and the two strongest are named beside them."""

LITTLE = 0.1
"""A share below this is a dot."""

COLUMN, TIMES = 0.3, 2
"""A column is dark from this mean share on, if that is so many times what an even guess gives."""


def table(captions: list[Caption], maps: list[Tensor], tokens: list[str]) -> str:
    """Write a row for each head: score, proof, dark column in this text, and role.

    Args:
        captions: one for each head.
        maps: for each layer, (H, T, T).
        tokens: the T tokens of the text.
    """
    lines = ["layer head  score  loss without it  dark column   this head ..."]
    for one in captions:
        column = dark_column(maps[one.layer - 1][one.head - 1], tokens)
        row = f"{one.layer:>5} {one.head:>4} {one.score:>6.2f}  {one.loss:>7.3f} {one.rise:>+7.3f}"
        lines.append(f"{row}  {column:<12}  {one.sentence}")
    return "\n".join(lines)


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


def map_of(weights: Tensor, reading: Reading) -> str:
    """Write the map of one head: a row for each token that looks, a digit for each tenth.

    Args:
        weights: (T, T), of the whole text.
        reading: the text, and which part is shown.
    """
    from mini_gpt.attention_map import strongest

    labels = [one_cell(token) for token in reading.tokens]
    apart = " " if len(reading.shown) <= WIDE else ""
    lines = [f"    {apart.join(labels[reading.first :])}"]
    for place in range(reading.first, len(labels)):
        cells = apart.join(map(digit, weights[place, reading.first : place + 1].tolist()))
        line = f"  {labels[place]} {cells}"
        if apart:
            best = strongest(weights, reading.tokens, place, 2)
            named = [f"{label(token)} {share:.0%}" for _, token, share in best if share >= LITTLE]
            line = f"{line:<{6 + 2 * len(reading.shown)}}{', '.join(named)}"
        lines.append(line)
    return "\n".join(lines)


def digit(share: float) -> str:
    """Write a share as its tenths: 3 is 30 to 39 %, and 9 is 90 % and more."""
    return str(min(int(share * 10), 9)) if share >= LITTLE else "."


def printable(text: str, encoding: str | None) -> str:
    """Write a text so that a terminal of this encoding can show it."""
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        for sign in SIGNS.values():
            text = text.replace(sign, "_")
    return text


def one_cell(token: str) -> str:
    """Write a token in one character. A longer one is cut off."""
    return "?" if token == "<unk>" else label(token)[:1]
