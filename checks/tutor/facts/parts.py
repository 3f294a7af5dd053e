"""The classes of the skeleton of loop 2, and what each should make of its own layers.

A learner may write others, or give the layers other names. Then there is nothing to compare.
"""

import inspect
import itertools
import types
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from tutor.facts.tensors import distance, expect_close, expect_shape
from tutor.facts.unused import unused_layers

TOLERANCE = 1e-3

LAYERS = {
    "SelfAttention": ("qkv", "output"),
    "Block": ("norm_1", "attention", "norm_2", "mlp"),
    "MiniGPT": ("token_embedding", "position_embedding", "blocks", "norm", "head"),
}
"""The names that the skeleton and the recipe give."""


def find_part(module: types.ModuleType, model: nn.Module, kind: str) -> nn.Module | None:
    """Return the first part of a model that is one of the skeleton's classes, with its layers.

    Args:
        module: the learner's module.
        model: made by it.
        kind: the name of the class.

    Returns:
        Nothing where the learner has no such class, its layers have other names, or it takes more.
    """
    wanted = getattr(module, kind, None)
    for part in model.modules():
        if isinstance(wanted, type) and isinstance(part, wanted):
            named = all(isinstance(getattr(part, name, None), nn.Module) for name in LAYERS[kind])
            return part if named and takes_one(part) else None
    return None


def takes_one(part: nn.Module) -> bool:
    """Tell whether a part can be called with one argument."""
    try:
        inspect.signature(part.forward).bind(None)
    except TypeError:
        return False
    return True


def first(value: Tensor | tuple) -> Tensor:
    """Return the output of an attention that may return its weights too."""
    return value[0] if isinstance(value, tuple) else value


def expect_way(
    called: str,
    part: nn.Module,
    given: Tensor,
    ways: Iterator[Tensor],
    slips: Callable[[], dict[str, Tensor]],
) -> int:
    """Expect one of the right ways to use the layers of a part. Returns its number.

    Args:
        called: what was done.
        part: a model, or a part of one.
        given: what it takes.
        ways: what may come out, the way of the recipe first.
        slips: returns what comes out after one of the usual slips, by its name.
    """
    with torch.no_grad():
        got, right = first(part(given)), next(ways)
        expect_shape(called, got, right.shape, "float32")
        for number, way in enumerate(itertools.chain([right], ways)):
            if distance(got, way) < TOLERANCE:
                return number
        causes = slips()
    if unused := unused_layers(part, given):
        causes = {unused: got}
    return expect_close(called, got, right, causes, TOLERANCE)


def cuts(part: nn.Module, x: Tensor, n_head: int) -> Iterator[tuple[Tensor, ...]]:
    """Yield q, k and v, (B, H, T, D) each, for every way to cut them out of `qkv`.

    The first is that of the recipe: all of q, all of k, all of v. With the others a model learns
    just as well: the heads stand outside, for example, and q, k and v inside.
    """
    B, T, C = x.shape
    sizes = {"part": 3, "head": n_head, "number": C // n_head}
    for names in itertools.permutations(sizes):
        joint = part.qkv(x).reshape(B, T, *(sizes[name] for name in names))
        places = [2 + names.index(name) for name in sizes]
        parts = joint.permute(places[0], 0, places[1], 1, places[2])
        yield from itertools.permutations(parts)


def look_back(part: nn.Module, x: Tensor, n_head: int) -> Iterator[Tensor]:
    """Yield what a SelfAttention may make of x, (B, T, C): that of the recipe, then other ways."""
    for q, k, v in cuts(part, x, n_head):
        mixed = scaled_dot_product_attention(q, k, v, is_causal=True)
        yield part.output(mixed.transpose(1, 2).flatten(2))
        yield part.output(mixed.permute(0, 2, 3, 1).flatten(2))


def attention_slips(part: nn.Module, x: Tensor, n_head: int) -> dict[str, Tensor]:
    """Return what SelfAttention makes of x with one of the usual slips."""
    B, T, C = x.shape
    q, k, v = next(cuts(part, x, n_head))
    mixed = scaled_dot_product_attention(q, k, v, is_causal=True)
    side_by_side = mixed.transpose(1, 2).flatten(2)
    viewed = [third.reshape(B, n_head, T, -1) for third in part.qkv(x).chunk(3, dim=-1)]
    mixed_up = scaled_dot_product_attention(*viewed, is_causal=True)
    joint = (third.reshape(B, T, 1, C).transpose(1, 2) for third in part.qkv(x).chunk(3, dim=-1))
    seen = scaled_dot_product_attention(q, k, v)
    return {
        "heads and tokens are not exchanged before the heads are joined": part.output(
            mixed.reshape(B, T, C)
        ),
        "tokens and heads are not exchanged after the cut": part.output(
            mixed_up.transpose(1, 2).flatten(2)
        ),
        "tokens and heads are not exchanged, neither after the cut nor at the end": part.output(
            mixed_up.reshape(B, T, C)
        ),
        "`output` is not used": side_by_side,
        "there is only one head": part.output(
            scaled_dot_product_attention(*joint, is_causal=True).flatten(1, 2)
        ),
        "the scores are scaled a second time, outside causal_attention": part.output(
            scaled_dot_product_attention(q / q.shape[-1] ** 0.5, k, v, is_causal=True)
            .transpose(1, 2)
            .flatten(2)
        ),
        "the future is not hidden": part.output(seen.transpose(1, 2).flatten(2)),
    }


def one_layer(part: nn.Module, x: Tensor) -> Iterator[Tensor]:
    """Yield what a Block may make of x: with the norms before its two parts, or behind the sums."""
    between = x + first(part.attention(part.norm_1(x)))
    yield between + part.mlp(part.norm_2(between))
    between = part.norm_1(x + first(part.attention(x)))
    yield part.norm_2(between + part.mlp(between))


def block_slips(part: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Return what Block makes of x with one of the usual slips."""

    def attend(x: Tensor) -> Tensor:
        return first(part.attention(x))

    found = attend(part.norm_1(x))
    between = x + found
    thought = part.mlp(part.norm_2(between))
    once, late = part.norm_1(x), part.norm_2(between)
    doubled = found + found
    return {
        "what attention found replaces x; it should be added": found + part.mlp(part.norm_2(found)),
        "what the mlp makes replaces x; it should be added": thought,
        "x + x adds what attention found to itself, not to what was there": doubled
        + part.mlp(part.norm_2(doubled)),
        "x + x adds what the mlp made to itself, not to what was there": thought + thought,
        "the sum after attention is doubled": 2 * between + part.mlp(part.norm_2(2 * between)),
        "the sum at the end is doubled": 2 * (between + thought),
        "attention's result is added to the normed x, not to x": once
        + found
        + part.mlp(part.norm_2(once + found)),
        "the mlp's result is added to the normed x, not to x": late + thought,
        "the mlp's result is added to the x from before attention": x + thought,
        "the mlp does not see what attention found": between + part.mlp(part.norm_2(x)),
        "`norm_1` is not used": (y := x + attend(x)) + part.mlp(part.norm_2(y)),
        "`norm_2` is not used": between + part.mlp(between),
        "`norm_1` is used twice, `norm_2` never": between + part.mlp(part.norm_1(between)),
        "`attention` is not used": x + part.mlp(part.norm_2(x)),
        "`mlp` is not used": between,
    }


def whole_model(model: nn.Module, ids: Tensor) -> Iterator[Tensor]:
    """Yield what a MiniGPT may make of ids, with its own blocks.

    The first is that of the recipe. The token rows may also be multiplied by the root of C, and
    the last norm may stand before blocks that end in norms of their own.
    """
    places = model.position_embedding(torch.arange(ids.shape[1]))
    C = places.shape[-1]
    for scale in (1.0, C**0.5):
        x = model.token_embedding(ids) * scale + places
        yield model.head(model.norm(through(model, x)))
        yield model.head(through(model, model.norm(x)))


def through(model: nn.Module, x: Tensor) -> Tensor:
    """Send x through the blocks of a model."""
    for block in model.blocks:
        x = first(block(x))
    return x


def model_slips(model: nn.Module, ids: Tensor) -> dict[str, Tensor]:
    """Return what MiniGPT makes of ids with one of the usual slips."""
    tokens = model.token_embedding(ids)
    places = model.position_embedding(torch.arange(ids.shape[1]))
    x = tokens + places
    again = inside = x
    for block in model.blocks:
        again = again + first(block(again))
        inside = model.norm(first(block(inside)))
    end = through(model, x)
    return {
        "tokens and positions are multiplied; add them": model.head(
            model.norm(through(model, tokens * places))
        ),
        "the positions are not added": model.head(model.norm(through(model, tokens))),
        "the positions are counted backwards": model.head(
            model.norm(through(model, tokens + places.flip(0)))
        ),
        "x + block(x) adds x once more: the block itself adds it already": model.head(
            model.norm(again)
        ),
        "the last norm stands inside the loop over the blocks": model.head(inside),
        "the last norm stands inside the loop too": model.head(model.norm(inside)),
        "the last norm is not used": model.head(end),
        "the blocks are not used": model.head(model.norm(x)),
    }
