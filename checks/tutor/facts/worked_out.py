"""A model filled with numbers that anyone can follow, whatever its parts are called.

Each parameter is known by its shape alone. The weights of the layers are made of one row of signs,
so it makes no difference how a learner cuts, turns or joins them; and all layers are alike.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from tutor.facts.models import SMALL
from tutor.facts.tensors import distance

C, V, L, WIDE = SMALL["n_embd"], SMALL["vocab_size"], SMALL["block_size"], 4 * SMALL["n_embd"]
SIGNS = torch.tensor([1.0, 1, -1, 1, 1, 1, -1, 1, 1, 1, -1, 1])
TURNS = torch.tensor([1.0, -1.0]).repeat(WIDE // 2)
ATTEND, THINK = 0.2, 0.025
"""The size of the weights in attention, and in the feed-forward part."""
FAR = 12.0
"""So far from 0 that an activation lets a number through, or holds it fast."""
TOLERANCE = 1e-3


def tables() -> tuple[Tensor, Tensor]:
    """Return the rows of the tokens, which the head uses too, and those of the positions."""
    generator = torch.Generator().manual_seed(5)
    return tuple(torch.randn(n, C, generator=generator) for n in (V, L))


def fill(model: nn.Module) -> bool:
    """Fill a model of the SMALL sizes. Returns whether it has a feed-forward part to be seen."""
    tokens, places = tables()
    with torch.no_grad():
        for parameter in model.parameters():
            sizes = [size for size in parameter.shape if size > 1]
            if len(sizes) > 1 and V in sizes:
                value = tokens if sizes[0] == V else tokens.T
            elif len(sizes) > 1 and L in sizes:
                value = places if sizes[0] == L else places.T
            elif len(sizes) > 1:
                value = weights(sizes)
            elif sizes == [WIDE]:
                value = torch.full([WIDE], FAR)
            else:  # the gain of a norm begins with 1, and stays there. All else begins near 0.
                value = torch.ones(sizes) * (parameter.mean() > 0.5)
            parameter.copy_(value.reshape(parameter.shape))
    return any(WIDE in parameter.shape for parameter in model.parameters())


def weights(sizes: list[int]) -> Tensor:
    """Return the weights of a layer: signs along each side of C or 4 C numbers."""
    value = torch.full(sizes, THINK if WIDE in sizes else ATTEND)
    for side, size in enumerate(sizes):
        signs = {C: SIGNS, WIDE: TURNS}.get(size)
        if signs is not None:
            value = value * signs.reshape([-1] + [1] * (len(sizes) - side - 1))
    return value


@dataclass(frozen=True)
class Way:
    """One way to calculate. Those of `right_ways` are right, others are slips."""

    norm: str = "before"
    """Where the norms of a layer stand: "before" its parts, or "behind" their sums."""
    last: str = "last"
    """Where the last norm stands: "last", "first", "inside" the loop, or "both"."""
    scale: float = 1.0
    """What the rows of the tokens are multiplied by."""
    spread: float = 1.0
    """How much smaller a norm makes its numbers than PyTorch's."""
    join: float = C
    """What the weights of values and output come to."""
    bend: float = 1.0
    """What the activation multiplies a difference by, so FAR from 0."""
    start: str = "sum"
    """How tokens and positions come together: as a "sum", a "product", or "backwards"."""
    sharp: float = 1.0
    """How much too large the scores are."""
    keep: float = 1.0
    """How much of what was there stays, beside what is added."""
    after: float = 1.0
    """What each sum is multiplied by."""
    again: float = 0.0
    """How much of what went into a layer is added once more behind it."""


def right_ways() -> Iterator[Way]:
    """Yield the ways that are right. Before, behind, the activation and more are free."""
    for norm, last in [("before", "last"), ("behind", "last"), ("behind", "first")]:
        for spread, scale in itertools.product((1.0, (1 - 1 / C) ** 0.5), (1.0, C**0.5)):
            for join, bend in itertools.product((C, float(SIGNS.sum())), (1.0, 2 * FAR, 0.0)):
                yield Way(norm, last, scale, spread, join, bend)


def slips() -> dict[str, list[dict]]:
    """Return the usual slips, each with what it changes in a way that is right."""
    return {
        "tokens and positions are multiplied; add them": [{"start": "product"}],
        "the positions are counted backwards": [{"start": "backwards"}],
        "the last norm stands inside the loop over the blocks": [
            {"last": "inside"},
            {"last": "both"},
        ],
        "the last norm stands before the blocks": [{"last": "first"}],
        "a skip connection is missing": [{"keep": 0.0}],
        "x + x adds a result to itself, not to what was there": [{"keep": 0.0, "after": 2.0}],
        "a sum is doubled": [{"after": 2.0}],
        "x + block(x) adds x once more: the block itself adds it already": [{"again": 1.0}],
        "inside the model, the scores are not divided by sqrt(D)": [{"sharp": 2.0}],
        "inside the model, the scores are scaled twice": [{"sharp": 0.5}],
    }


def is_right(ids: Tensor, logits: Tensor) -> bool:
    """Tell whether a filled model gives these logits in one of the right ways."""
    return any(distance(logits, calculate(ids, way)) < TOLERANCE for way in right_ways())


def calculate(ids: Tensor, way: Way | None = None) -> Tensor:
    """Return what a filled model makes of ids, (B, T) to (B, T, V). No way means the recipe's."""
    way = way or Way()
    tokens, places = tables()
    rows, places = tokens[ids] * way.scale, places[: ids.shape[1]]
    places = places.flip(0) if way.start == "backwards" else places
    x = rows * places if way.start == "product" else rows + places
    x = normed(x, way) if way.last == "first" else x
    for _ in range(SMALL["n_layer"]):
        x = layer(x, way) + way.again * x
        x = normed(x, way) if way.last in ("inside", "both") else x
    x = normed(x, way) if way.last in ("last", "both") else x
    return x @ tokens.T


def layer(x: Tensor, way: Way) -> Tensor:
    """Return what one layer makes of x."""
    for part in (attend, think):
        if way.norm == "before":
            x = way.after * (way.keep * x + part(normed(x, way), way))
        else:
            x = normed(way.after * (way.keep * x + part(x, way)), way)
    return x


def normed(x: Tensor, way: Way) -> Tensor:
    """Return x as a LayerNorm makes it."""
    return way.spread * nn.functional.layer_norm(x, [C])


def attend(x: Tensor, way: Way) -> Tensor:
    """Return what attention adds. Of every query, key and value all numbers are the same."""
    agree = (x @ SIGNS) * ATTEND
    D = C // SMALL["n_head"]
    scores = way.sharp * D**0.5 * agree[..., :, None] * agree[..., None, :]
    future = torch.ones(scores.shape[-2:]).triu(1).bool()
    mixed = torch.softmax(scores.masked_fill(future, float("-inf")), dim=-1) @ agree[..., None]
    return ATTEND * way.join * mixed * SIGNS


def think(x: Tensor, way: Way) -> Tensor:
    """Return what the feed-forward part adds. What is FAR in all of them cancels out."""
    return way.bend * WIDE * THINK**2 * (x @ SIGNS)[..., None] * SIGNS


def likely_slip(model: nn.Module, ids: Tensor) -> str:
    """Fill a model, and name the usual slips with which it gives just what it gives, or nothing."""
    fill(model)
    with torch.no_grad():
        logits = model(ids)
    found = []
    for norm, join in itertools.product(("before", "behind"), (C, float(SIGNS.sum()))):
        for name, changes in slips().items():
            ways = (replace(Way(norm, join=join), **change) for change in changes)
            if any(distance(logits, calculate(ids, way)) < TOLERANCE for way in ways):
                found += [name] if name not in found else []
    return "; ".join(found)
