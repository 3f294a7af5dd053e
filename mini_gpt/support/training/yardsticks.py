"""What simple guesses cost on a text, so that a loss can be compared with something."""

import math
from collections.abc import Sequence

import numpy as np

LEARNED_FROM = 1_000_000
"""So many ids are enough to count letters, pairs and longer pieces."""
LONGEST = 6


def keys_of(ids: np.ndarray, length: int) -> np.ndarray:
    """Return one number for each piece of so many ids: equal pieces have equal numbers.

    Args:
        ids: 1-D, whole numbers.
        length: ids per piece, from 0 on.

    Returns:
        uint64, (len(ids) - length + 1,). Different pieces share a number only by a rare accident.
    """
    keys = np.zeros(len(ids) - length + 1, dtype=np.uint64)
    for place in range(length):
        part = ids[place : place + len(keys)].astype(np.uint64) + np.uint64(1)
        keys = (keys * np.uint64(0x9E3779B97F4A7C15)) ^ (part * np.uint64(0xC2B2AE3D27D4EB4F))
    return keys


def count(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Count how often each of `asked` is among `known`."""
    found, times = np.unique(known, return_counts=True)
    places = np.minimum(np.searchsorted(found, asked), len(found) - 1)
    return np.where(found[places] == asked, times[places], 0)


def lean_on(likely: np.ndarray, train: np.ndarray, val: np.ndarray, n: int) -> np.ndarray:
    """Guess each answer in val from the n - 1 ids before it, where they came in train.

    Args:
        likely: how likely each answer is for who looks at one id less, (len(val) - n + 1,),
            where n = 1 leaves out the very first id as well.

    Returns:
        How likely each answer is now, of the same shape.
    """
    first = int(n == 1)
    answers, before = keys_of(val, n)[first:], keys_of(val, n - 1)[first:-1]
    pieces, beginnings = keys_of(train, n), keys_of(train, n - 1)[:-1]
    _, one_of_each = np.unique(pieces, return_index=True)
    kinds, seen = count(beginnings[one_of_each], before), count(beginnings, before)
    mixed = (count(pieces, answers) + kinds * likely) / np.maximum(seen + kinds, 1)
    return np.where(seen > 0, mixed, likely)


def yardsticks(
    train_ids: Sequence[int], val_ids: Sequence[int], vocab_size: int, unit: str = "letter"
) -> dict[str, float]:
    """Return what guesses by simple counting cost on unseen text, in nats.

    Each guess looks at one letter more than the one before, and leans on it where its own counts
    are few (Witten and Bell 1991, doi:10.1109/18.87000).

    Args:
        train_ids: where letters are counted.
        val_ids: the unseen text, at least 2 ids.
        vocab_size: how many ids there are.
        unit: what an id stands for.

    Returns:
        From a name to a loss: "even guess", "letter frequencies", "letter pairs", and
        "pieces of 6 letters".
    """
    train, val = np.asarray(train_ids[:LEARNED_FROM]), np.asarray(val_ids)
    length = min(LONGEST, len(train), len(val))
    likely = np.full(len(val) - 1, 1 / vocab_size)
    costs = {"even guess": math.log(vocab_size)}
    names = {1: f"{unit} frequencies", 2: f"{unit} pairs", length: f"pieces of {length} {unit}s"}
    for n in range(1, length + 1):
        likely[max(n - 2, 0) :] = lean_on(likely[max(n - 2, 0) :], train, val, n)
        if n in names:
            costs[names[n]] = float(-np.log(likely).mean())
    return costs
