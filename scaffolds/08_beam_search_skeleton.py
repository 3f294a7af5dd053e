"""Challenge 8, beam search: keep a few beginnings at a time, and choose the most likely text.

Greedy takes the best next token, and cannot know what it leads to. Here several beginnings, the
beams, go on side by side, and a text that starts badly may still win.
Shapes: B beams, T tokens so far, V possible tokens.
Source: Graves 2012, arXiv:1211.3711; the length penalty as in Wu et al. 2016, arXiv:1609.08144.
"""

# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/08_beam_search_test.py scaffolds/08_beam_search_skeleton.py
# Or take it over:  cp scaffolds/08_beam_search_skeleton.py mini_gpt/beam_search.py

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Beam(NamedTuple):
    """A beginning that is still in the race: its ids, and what is known about its new tokens."""

    ids: Tensor  # (1, T), with the prompt
    total: float = 0.0  # the sum of ln p of the new tokens
    n_new: int = 0
    finished: bool = False

    def score(self, length_penalty: float) -> float:
        """Return what the beams are compared by: higher is better."""
        # Divide by a power of the length, so that long texts have a chance.
        raise NotImplementedError("write Beam.score in mini_gpt/beam_search.py")


@contextmanager
def in_use(model: nn.Module) -> Iterator[None]:
    """Use a model: in eval mode, without gradients. Afterwards, its mode is what it was."""
    # Whatever happens in between, an error too, the mode comes back.
    raise NotImplementedError("write in_use in mini_gpt/beam_search.py")


def next_log_probabilities(model: nn.Module, ids: Tensor) -> Tensor:
    """Return ln p of each token that may come next: from ids (B, T) to (B, V)."""
    # Show the model as much of each text as it can look at, the end of it.
    # Only the guess after the last token is news.
    raise NotImplementedError("write next_log_probabilities in mini_gpt/beam_search.py")


def log_probability(model: nn.Module, ids: Tensor, start: int) -> float:
    """Tell how likely a model finds the end of a text: the sum of ln p of its last tokens.

    Args:
        model: a MiniGPT.
        ids: the text, (1, T).
        start: the place of the first token that counts, 1 to T. T means that none counts.

    Raises:
        ValueError: start is not 1 to T. Nothing is known before the first token.
    """
    # The first token has nothing before it, so there is no guess about it.
    # Use the model, not train it.
        # Go through the tokens that count: how likely is each one, after those before it?
    raise NotImplementedError("write log_probability in mini_gpt/beam_search.py")


def continuations(model: nn.Module, beams: list[Beam], n_best: int, eos_id: int | None):
    """Yield each beam with each of its most likely next tokens.

    Args:
        model: a MiniGPT.
        beams: unfinished ones, which are equally long.
        n_best: how many tokens for each beam. More of one beam could not stay in the race.
        eos_id: the token that finishes a beam, or None.
    """
    # The model looks at all beams in one go.
    # Go through the beams, and through the best tokens for each.
        # A continuation is as likely as its beginning, times its new token: add the logarithms.
    raise NotImplementedError("write continuations in mini_gpt/beam_search.py")


def beam_search(
    model: nn.Module,
    ids: Tensor,
    max_new_tokens: int,
    n_beams: int = 4,
    length_penalty: float = 0.0,
    eos_id: int | None = None,
) -> list[tuple[Tensor, float]]:
    """Search for the most likely continuations of a text.

    Args:
        model: a MiniGPT.
        ids: the text so far, int64, (1, T), T at least 1.
        max_new_tokens: how many tokens to add at most, at least 1.
        n_beams: how many beginnings to keep after each step. 1 is greedy.
        length_penalty: a score is divided by (number of new tokens) ** length_penalty. It is
            negative, so a larger value favors longer texts. 0 changes nothing.
        eos_id: a text ends with this token. None: no token ends it.

    Returns:
        The best texts and their scores, best first: (1, T + new tokens), up to n_beams of them.

    Raises:
        ValueError: there is no token to continue, or n_beams or max_new_tokens is below 1.
    """
    # Without a token there is nothing to continue.
    # Without a beam there is nothing to keep.
    # Without a new token there is nothing to choose.
    # Begin with one beam, the prompt.
    # Use the model, not train it.
        # Take one step after the other.
            # The unfinished beams go on. When there are none, the race is over.
            # The finished ones stay in the race, with the score that they have.
            # Only the best stay.
    raise NotImplementedError("write beam_search in mini_gpt/beam_search.py")


if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys
    from pathlib import Path

    check = Path(__file__).resolve().parents[1] / "checks" / "08_beam_search_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
