from contextlib import contextmanager
from typing import NamedTuple

import torch


def next_log_probabilities(model, ids):
    # The model cannot look further back than this, so keep only the last ids.
    window = ids[:, -model.config["block_size"]:]
    # (B, T, V) -> (B, V): only the last position predicts the next token.
    logits = model(window)[:, -1, :]
    # Normalise over the vocabulary, so that exp() of each row sums to 1.
    return torch.log_softmax(logits, dim=-1)


@contextmanager
def evaluating(model):
    # Remember the mode of every submodule: some may differ from the model's own.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off, so the result is not random.
        model.eval()
        with torch.no_grad():
            yield
    finally:
        # This runs after an error too.
        for module, training in modes:
            module.training = training


def log_probability(model, ids, start):
    length = ids.shape[1]
    # The first token has nothing before it, so it cannot be scored.
    if not 1 <= start <= length:
        raise ValueError(f"start must be from 1 to {length}, not {start}")

    total = 0.0
    with evaluating(model):
        for t in range(start, length):
            # Token t is predicted from the ids before it, without token t.
            log_p = next_log_probabilities(model, ids[:, :t])
            # Pick the one value that belongs to the token that is really there.
            total += log_p[0, int(ids[0, t])].item()
    # With start == length the loop does nothing, and this is 0.0.
    return total


class Beam(NamedTuple):
    ids: torch.Tensor  # (1, prompt + new tokens)
    total: float       # sum of ln p of the new tokens
    score: float       # total / number of new tokens ** length_penalty
    finished: bool     # the newest token is eos_id


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.numel() == 0:
        raise ValueError("the prompt must not be empty")

    # One beam: copies of the prompt would only give the same candidates again.
    # It is not finished, even if the prompt ends with eos_id.
    beams = [Beam(ids.to(torch.int64), 0.0, 0.0, False)]

    with evaluating(model):
        for n_new in range(1, max_new_tokens + 1):
            unfinished = [beam for beam in beams if not beam.finished]
            if not unfinished:
                break

            # All unfinished beams have the same length, so they fit in one batch.
            batch = torch.cat([beam.ids for beam in unfinished], dim=0)
            # float64 for exact sums, on the CPU because not every device has it.
            log_p = next_log_probabilities(model, batch).cpu().double()

            # (B, 1) + (B, V): the total of each beam with each possible next id.
            old_totals = log_p.new_tensor([beam.total for beam in unfinished])
            totals = old_totals.unsqueeze(1) + log_p
            # Every candidate has n_new new tokens.
            scores = totals / n_new ** length_penalty

            # No more than n_beams candidates can survive, so take only the best.
            # A stable sort makes the order the same each time, also for ties.
            order = torch.sort(scores.flatten(), descending=True, stable=True).indices

            # Finished beams compete with the score that they already have.
            pool = [beam for beam in beams if beam.finished]
            for index in order[:n_beams].tolist():
                # Undo the flatten: which beam, and which next id.
                row, token = divmod(index, scores.shape[1])
                # cat makes a new tensor, so the caller's tensor does not change.
                new_ids = torch.cat([unfinished[row].ids, batch.new_tensor([[token]])], dim=1)
                pool.append(
                    Beam(
                        new_ids,
                        totals[row, token].item(),
                        scores[row, token].item(),
                        # Always False when eos_id is None.
                        token == eos_id,
                    )
                )

            # The n_beams best of all go on, best first.
            pool.sort(key=lambda beam: beam.score, reverse=True)
            beams = pool[:n_beams]

    return [(beam.ids, beam.score) for beam in beams]
