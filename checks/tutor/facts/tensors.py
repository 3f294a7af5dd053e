"""The words in which a check speaks of tensors: their shape, and whether they are equal."""

import torch

from tutor.facts.words import Wrong, expect_type

FAR = 16.0
"""So far may shares of drawn tokens be from the right ones, see are_near."""


def expect_shape(called: str, got: object, shape: tuple, dtype: str = "") -> None:
    """Expect a tensor of this shape, all finite, and of this dtype where one is given."""
    if not isinstance(got, torch.Tensor):
        expect_type(called, got, torch.Tensor)
    if tuple(got.shape) != tuple(shape):
        raise Wrong(called, f"shape {tuple(shape)}", f"shape {tuple(got.shape)}")
    kind = str(got.dtype).removeprefix("torch.")
    if dtype and kind != dtype:
        raise Wrong(called, f"numbers of type {dtype}", f"numbers of type {kind}")
    if not torch.isfinite(got).all():
        broken = int((~torch.isfinite(got)).sum())
        what = "NaN (not a number)" if torch.isnan(got).any() else "infinite"
        raise Wrong(called, "finite numbers", f"{broken} of {got.numel()} numbers are {what}")


def expect_close(
    called: str, got: object, expected: object, causes: dict | None = None, tolerance: float = 1e-4
) -> None:
    """Expect a tensor that equals another one, but for rounding.

    Args:
        called: what was done.
        got: what came out.
        expected: the right tensor.
        causes: from a likely cause to the wrong tensor that it leads to.
        tolerance: the largest difference that counts as rounding.
    """
    expect_shape(called, got, expected.shape)
    if distance(got, expected) > tolerance:
        likely = [c for c, wrong in (causes or {}).items() if distance(got, wrong) <= tolerance]
        place = tuple((got - expected).abs().reshape(got.shape).argmax().unsqueeze(0).tolist())
        flat = place[0]
        right, wrong = float(expected.reshape(-1)[flat]), float(got.reshape(-1)[flat])
        raise Wrong(
            called,
            f"{right:.4f} at the place that differs most",
            f"{wrong:.4f} there",
            "; ".join(likely),
        )


def distance(a: object, b: object) -> float:
    """Return the largest difference between two tensors, infinity where the shapes differ."""
    if a.shape != b.shape:
        return float("inf")
    return float((a.double() - b.double()).abs().max()) if a.numel() else 0.0


def are_near(shares, right, draws, far=FAR):
    """Tell whether shares among so many draws are what they should be, but for chance.

    The measure is that of the G-test: the draws, times the Kullback-Leibler divergence of the
    shares from the right ones. Chance leads to FAR about once in 500,000 times, for five tokens.
    What never comes up adds nothing, and what should never come up is too far at once.
    """
    if float(shares.sum()) < 1 - 1e-6:
        return False
    came = shares > 0
    divergence = (shares[came] * (shares[came] / right[came]).log()).sum()
    return draws * float(divergence) < far
