# Style: a chat assistant with dataclasses, type hints and a docstring for everything.
"""Beam search decoding for a small GPT model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Tuple

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class BeamHypothesis:
    """A single hypothesis tracked during beam search.

    Attributes:
        token_ids: Prompt and generated tokens, shape (T,).
        sum_log_probs: Sum of the log probabilities of all generated tokens.
        num_generated: Number of generated tokens.
        is_finished: Whether the end-of-sequence token was generated.
    """

    token_ids: Tensor
    sum_log_probs: float
    num_generated: int
    is_finished: bool

    def normalized_score(self, length_penalty: float) -> float:
        """Return the length-normalized score of this hypothesis."""
        if self.num_generated == 0:
            return self.sum_log_probs
        return self.sum_log_probs / (self.num_generated**length_penalty)


def _validate_inputs(ids: Tensor, max_new_tokens: int, n_beams: int) -> None:
    """Validate the arguments of :func:`beam_search`."""
    if ids.shape[1] < 1:
        raise ValueError("The prompt is empty: there is nothing to continue.")
    if max_new_tokens < 1:
        raise ValueError(f"max_new_tokens must be at least 1, got {max_new_tokens}.")
    if n_beams < 1:
        raise ValueError(f"n_beams must be at least 1, got {n_beams}.")


def _next_token_log_probs(model: nn.Module, sequences: Tensor) -> Tensor:
    """Compute log probabilities of the next token for a batch of sequences."""
    block_size: int = model.config["block_size"]
    context = sequences[:, -block_size:]
    logits = model(context)
    return torch.log_softmax(logits[:, -1, :], dim=-1)


def _expand(
    model: nn.Module,
    active: List[BeamHypothesis],
    n_beams: int,
    eos_id: Optional[int],
) -> List[BeamHypothesis]:
    """Expand all active hypotheses by one token."""
    batch = torch.stack([hypothesis.token_ids for hypothesis in active], dim=0)
    log_probs = _next_token_log_probs(model, batch)
    k = min(n_beams, log_probs.size(-1))
    top_log_probs, top_ids = torch.topk(log_probs, k=k, dim=-1)
    expanded: List[BeamHypothesis] = []
    for beam_index, hypothesis in enumerate(active):
        for rank in range(k):
            token_id = top_ids[beam_index, rank]
            expanded.append(
                BeamHypothesis(
                    token_ids=torch.cat([hypothesis.token_ids, token_id.unsqueeze(0)]),
                    sum_log_probs=hypothesis.sum_log_probs
                    + top_log_probs[beam_index, rank].item(),
                    num_generated=hypothesis.num_generated + 1,
                    is_finished=eos_id is not None and int(token_id) == eos_id,
                )
            )
    return expanded


def log_probability(model: nn.Module, ids: Tensor, start: int) -> float:
    """Return the log probability of ``ids[0, start:]`` given what precedes it."""
    sequence_length = ids.shape[1]
    if not 1 <= start <= sequence_length:
        raise ValueError(f"start must be between 1 and {sequence_length}, got {start}.")
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            total = 0.0
            for position in range(start, sequence_length):
                log_probs = _next_token_log_probs(model, ids[:, :position])
                total += log_probs[0, int(ids[0, position])].item()
            return total
    finally:
        model.train(was_training)


def beam_search(
    model: nn.Module,
    ids: Tensor,
    max_new_tokens: int,
    n_beams: int = 4,
    length_penalty: float = 0.0,
    eos_id: Optional[int] = None,
) -> List[Tuple[Tensor, float]]:
    """Run beam search and return hypotheses sorted by score, best first."""
    _validate_inputs(ids, max_new_tokens, n_beams)
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            beams = [BeamHypothesis(ids[0], 0.0, 0, False)]
            for _ in range(max_new_tokens):
                active = [beam for beam in beams if not beam.is_finished]
                if not active:
                    break
                completed = [beam for beam in beams if beam.is_finished]
                candidates = completed + _expand(model, active, n_beams, eos_id)
                candidates.sort(
                    key=lambda beam: beam.normalized_score(length_penalty), reverse=True
                )
                beams = candidates[:n_beams]
    finally:
        model.train(was_training)
    return [
        (beam.token_ids.unsqueeze(0), beam.normalized_score(length_penalty)) for beam in beams
    ]
