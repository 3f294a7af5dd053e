from contextlib import contextmanager
from typing import NamedTuple

import torch
import torch.nn.functional as F


def next_log_probabilities(model, ids):
    """ids (B, T) -> ln p of each possible next token, (B, V)."""
    # The model cannot look further back than block_size, so show it only the last ids.
    window = ids[:, -model.config["block_size"]:]
    # (B, T, V): at every position, the logits for the token that follows it.
    logits = model(window)
    # Only the last position predicts the token that we do not have yet: (B, V).
    last = logits[:, -1, :]
    # Normalise over the vocabulary (the last dimension), not over the batch.
    return F.log_softmax(last, dim=-1)


@contextmanager
def evaluating(model):
    """Eval mode and no gradients inside the with block; the old mode afterwards."""
    # Remember the mode of every submodule: some may differ from the model's own.
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with torch.no_grad():
            yield
    finally:
        # finally also runs after an error.
        for module, training in modes:
            module.training = training


def log_probability(model, ids, start):
    """Sum of ln p of ids[0, start:], for ids (1, T), as a Python float."""
    n_ids = ids.shape[1]
    # The first token has nothing before it, so start is at least 1.
    if not 1 <= start <= n_ids:
        raise ValueError(f"start must be from 1 to {n_ids}, got {start}")
    total = 0.0
    with evaluating(model):
        # With start == n_ids the loop is empty and the sum stays 0.0.
        for t in range(start, n_ids):
            # Only the ids before position t: the model must not see the token it predicts.
            log_p = next_log_probabilities(model, ids[:, :t])
            # Pick the ln p of the token that really stands at position t.
            total += log_p[0, int(ids[0, t])].item()
    return total


class Beam(NamedTuple):
    ids: torch.Tensor  # (1, prompt + new tokens)
    total: float       # sum of ln p of the new tokens
    score: float       # total / number of new tokens ** length_penalty
    finished: bool     # the newest token is eos_id


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    """A list of (ids, score), best first."""
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.numel() == 0:
        raise ValueError("the prompt is empty")

    # One unfinished beam, even if the prompt holds eos_id.
    beams = [Beam(ids.long(), 0.0, 0.0, False)]
    with evaluating(model):
        for n_new in range(1, max_new_tokens + 1):
            finished = [beam for beam in beams if beam.finished]
            unfinished = [beam for beam in beams if not beam.finished]
            if not unfinished:
                break

            # Unfinished beams all have the same length, so they batch without padding: (U, T).
            batch = torch.cat([beam.ids for beam in unfinished], dim=0)
            # (U, V); float64 so that long sums stay exact, on the CPU as some devices lack it.
            log_p = next_log_probabilities(model, batch).cpu().double()
            totals = torch.tensor([beam.total for beam in unfinished], dtype=torch.float64)
            # Sum of the beam + ln p of the new token: (U, 1) + (U, V) -> (U, V).
            candidates = totals[:, None] + log_p

            # All candidates have n_new new tokens, so the order by total is the order by score.
            # A stable sort settles ties the same way every time: earlier beam, then smaller id.
            best, index = torch.sort(candidates.flatten(), descending=True, stable=True)
            vocab_size = log_p.shape[1]
            extended = []
            # More than n_beams of them cannot survive; the slice may be shorter if V is small.
            for total, i in zip(best[:n_beams].tolist(), index[:n_beams].tolist()):
                # Undo the flatten: the row is the beam, the column is the token.
                row, token = divmod(i, vocab_size)
                # cat makes a new tensor, so the caller's ids and the other beams stay as they are.
                new_ids = torch.cat([batch[row:row + 1], batch.new_tensor([[token]])], dim=1)
                score = total / n_new ** length_penalty
                # eos_id has been appended and counted; it only stops further growth.
                extended.append(Beam(new_ids, total, score, token == eos_id))

            # Finished beams compete with their final score, and may be pushed out.
            pool = finished + extended
            beams = sorted(pool, key=lambda beam: beam.score, reverse=True)[:n_beams]

    # The last sort already put the best first.
    return [(beam.ids, beam.score) for beam in beams]
