"""Challenge 8, beam search: keep a few beginnings at a time, and choose the most likely text.

Greedy takes the best next token, and cannot know what it leads to. Here several beginnings, the
beams, go on side by side, and a text that starts badly may still win.
Shapes: B beams, T tokens so far, V possible tokens.
Source: Graves 2012, arXiv:1211.3711; the length penalty as in Wu et al. 2016, arXiv:1609.08144.
"""

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
        return self.total / self.n_new**length_penalty


@contextmanager
def in_use(model: nn.Module) -> Iterator[None]:
    """Use a model: in eval mode, without gradients. Afterwards, its mode is what it was."""
    was_training = model.training
    model.eval()
    # Whatever happens in between, an error too, the mode comes back.
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def next_log_probabilities(model: nn.Module, ids: Tensor) -> Tensor:
    """Return ln p of each token that may come next: from ids (B, T) to (B, V)."""
    # Show the model as much of each text as it can look at, the end of it.
    logits = model(ids[:, -model.config["block_size"] :])  # (B, T) -> (B, T, V)
    # Only the guess after the last token is news.
    return torch.log_softmax(logits[:, -1], dim=-1)


def log_probability(model: nn.Module, ids: Tensor, start: int) -> float:
    """Tell how likely a model finds the end of a text: the sum of ln p of its last tokens.

    Args:
        model: a MiniGPT.
        ids: the text, (1, T).
        start: the place of the first token that counts, 1 to T. T means that none counts.

    Raises:
        ValueError: start is not 1 to T. Nothing is known before the first token.
    """
    T = ids.shape[1]
    # The first token has nothing before it, so there is no guess about it.
    if not 1 <= start <= T:
        raise ValueError(f"start must be 1 to {T}, the number of ids, got {start}")
    total = 0.0
    # Use the model, not train it.
    with in_use(model):
        # Go through the tokens that count: how likely is each one, after those before it?
        for place in range(start, T):
            log_p = next_log_probabilities(model, ids[:, :place])
            total += log_p[0, ids[0, place]].item()
    return total


def continuations(model: nn.Module, beams: list[Beam], n_best: int, eos_id: int | None):
    """Yield each beam with each of its most likely next tokens.

    Args:
        model: a MiniGPT.
        beams: unfinished ones, which are equally long.
        n_best: how many tokens for each beam. More of one beam could not stay in the race.
        eos_id: the token that finishes a beam, or None.
    """
    # The model looks at all beams in one go.
    log_p = next_log_probabilities(model, torch.cat([beam.ids for beam in beams]))  # (B, V)
    best = log_p.topk(min(n_best, log_p.shape[-1]))
    # Go through the beams, and through the best tokens for each.
    for row, beam in enumerate(beams):
        # A continuation is as likely as its beginning, times its new token: add the logarithms.
        for gain, id in zip(best.values[row].tolist(), best.indices[row].tolist(), strict=True):
            ids = torch.cat([beam.ids, beam.ids.new_tensor([[id]])], dim=1)
            yield Beam(ids, beam.total + gain, beam.n_new + 1, id == eos_id)


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
    if ids.shape[1] == 0:
        raise ValueError("ids must hold at least 1 token to continue, got 0: give a longer prompt")
    # Without a beam there is nothing to keep.
    if n_beams < 1:
        raise ValueError(f"n_beams must be at least 1, got {n_beams}")
    # Without a new token there is nothing to choose.
    if max_new_tokens < 1:
        raise ValueError(f"max_new_tokens must be at least 1, got {max_new_tokens}")
    # Begin with one beam, the prompt.
    beams = [Beam(ids)]
    # Use the model, not train it.
    with in_use(model):
        # Take one step after the other.
        for _ in range(max_new_tokens):
            # The unfinished beams go on. When there are none, the race is over.
            unfinished = [beam for beam in beams if not beam.finished]
            if not unfinished:
                break
            # The finished ones stay in the race, with the score that they have.
            finished = [beam for beam in beams if beam.finished]
            racing = [*finished, *continuations(model, unfinished, n_beams, eos_id)]
            # Only the best stay.
            racing.sort(key=lambda beam: beam.score(length_penalty), reverse=True)
            beams = racing[:n_beams]
    return [(beam.ids, beam.score(length_penalty)) for beam in beams]
