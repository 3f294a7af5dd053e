"""Which tokens may be drawn at all: three ways to leave out the unlikely ones.

Each takes the odds of all V tokens, and returns for each whether it may be drawn. One that is
wanted by several must pass them all. They need numpy alone.
"""

from collections.abc import Callable

import numpy as np

Sampler = Callable[[np.ndarray], np.ndarray]


def top_k(odds: np.ndarray, k: int) -> np.ndarray:
    """Keep the k most likely tokens, and those that are as likely as the last of them.

    Source: Fan et al. 2018, arXiv:1805.04833.

    Args:
        odds: the probability of each token, (V,).
        k: at least 1. More than V keeps all.

    >>> top_k(np.array([0.5, 0.1, 0.3, 0.1]), 2).tolist()
    [True, False, True, False]
    """
    return odds >= np.sort(odds)[-min(k, len(odds))]


def top_p(odds: np.ndarray, share: float) -> np.ndarray:
    """Keep the fewest tokens, most likely first, that have at least this share of the odds.

    Source: Holtzman et al. 2020, arXiv:1904.09751. Of equally likely ones the smaller id is first.

    Args:
        odds: the probability of each token, (V,).
        share: above 0, at most 1. 1 keeps all.

    >>> top_p(np.array([0.5, 0.125, 0.25, 0.125]), 0.7).tolist()
    [True, False, True, False]
    """
    order = np.argsort(-odds, kind="stable")
    rest = np.cumsum(odds[order][::-1])[::-1]  # each one, and all that are less likely
    keep = np.empty(len(odds), dtype=bool)
    keep[order] = rest > 1 - share  # those before it do not make up the share yet
    return keep


def min_p(odds: np.ndarray, share: float) -> np.ndarray:
    """Keep the tokens that are at least this share as likely as the most likely one.

    Source: Nguyen et al. 2024, arXiv:2407.01082.

    Args:
        odds: the probability of each token, (V,).
        share: 0 to 1. 0 keeps all, 1 only the most likely.

    >>> min_p(np.array([0.5, 0.125, 0.25, 0.125]), 0.4).tolist()
    [True, False, True, False]
    """
    return odds >= share * odds.max()


def chosen(k: int | None, p: float | None, m: float | None) -> list[Sampler]:
    """Return the samplers that are asked for: top_k, top_p and min_p, where not None."""
    asked = [(top_k, k), (top_p, p), (min_p, m)]
    return [
        lambda odds, keep=keep, value=value: keep(odds, value)
        for keep, value in asked
        if value is not None
    ]
