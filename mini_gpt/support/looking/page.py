"""One page for a browser: it needs no server and no network, and holds all shares itself."""

import json
from pathlib import Path

from torch import Tensor

from mini_gpt.support.looking.captions import Caption
from mini_gpt.support.looking.labels import in_units

TEMPLATE = Path(__file__).with_name("page.html")

MOST_BYTES = 500_000
"""A larger page would be slow to open."""

WHOLE = 1_000_000
"""A share is kept in millionths, so it is right to half a millionth."""


def make(maps: list[Tensor], tokens: list[str], captions: list[Caption]) -> str:
    """Make the page.

    Args:
        maps: (H, T, T) for each layer.
        tokens: the T tokens.
        captions: one for each head.

    Returns:
        HTML. The shares stand in it as JSON: heads[n].rows[t][s], in millionths, s up to t.
    """
    heads = [
        {
            "name": one.name,
            "role": one.sentence,
            "score": round(one.score, 6),
            "loss": round(one.loss, 6),
            "rise": round(one.rise, 6),
            "rows": rows(maps[one.layer - 1][one.head - 1]),
        }
        for one in captions
    ]
    data = json.dumps({"tokens": tokens, "heads": heads}, separators=(",", ":"))
    # A "</script>" in the text must not end the script.
    page = in_units(TEMPLATE.read_text(encoding="utf-8"), tokens)
    return page.replace("DATA", data.replace("<", "\\u003c"))


def rows(weights: Tensor) -> list[list[int]]:
    """Write down a map without its empty half, in millionths."""
    whole = (weights.double() * WHOLE).round().long().tolist()
    return [row[: place + 1] for place, row in enumerate(whole)]
