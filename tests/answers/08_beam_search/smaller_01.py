from contextlib import contextmanager
from typing import NamedTuple

import torch


def next_log_probabilities(model, ids):
    # The model cannot look at more than block_size ids: keep the last ones.
    window = ids[:, -model.config["block_size"]:]
    # (B, T, V) -> (B, V): only the last position predicts the next token.
    logits = model(window)[:, -1, :]
    # log_softmax is safer than log(softmax), which gives -inf when p underflows.
    return torch.log_softmax(logits, dim=-1)


@contextmanager
def evaluation(model):
    # Remember the mode of each module, so that exactly this can be restored.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches off dropout, so that nothing is random.
        model.eval()
        # The body of the "with" block runs at the yield, without gradients.
        with torch.no_grad():
            yield
    finally:
        # "finally" runs after an error too.
        for module, training in modes:
            module.training = training


def log_probability(model, ids, start):
    length = ids.shape[1]
    # The first token has nothing before it, so start cannot be 0.
    if not 1 <= start <= length:
        raise ValueError(f"start must be 1 to {length}, got {start}")
    total = 0.0
    with evaluation(model):
        # If start == length, the loop is empty and the result is 0.0.
        for position in range(start, length):
            # Predict this token from the ids before it only.
            log_p = next_log_probabilities(model, ids[:, :position])
            # Pick ln p of the token that is really there; item() gives a float.
            total += log_p[0, int(ids[0, position])].item()
    return total


class Beam(NamedTuple):
    # (1, T + new tokens), prompt included.
    ids: torch.Tensor
    # The plain sum of ln p of the new tokens; the next step adds to this.
    total: float
    # total / (number of new tokens) ** length_penalty; used for ranking.
    score: float
    # True when the newest token is eos_id.
    finished: bool


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0,
                eos_id=None):
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.numel() == 0:
        raise ValueError("the prompt must not be empty")

    # One unfinished beam: an eos_id in the prompt finishes nothing.
    beams = [Beam(ids.to(torch.int64), 0.0, 0.0, False)]

    with evaluation(model):
        for n_new in range(1, max_new_tokens + 1):
            unfinished = [beam for beam in beams if not beam.finished]
            # All finished: stop early.
            if not unfinished:
                break

            # Unfinished beams all have the same length, so they fit in one batch.
            batch = torch.cat([beam.ids for beam in unfinished], dim=0)
            # (U, V), in float64 so that long sums stay accurate.
            log_p = next_log_probabilities(model, batch).cpu().double()
            # One row per beam: its sum so far plus ln p of each next token.
            totals = log_p.new_tensor([beam.total for beam in unfinished])
            candidates = totals[:, None] + log_p

            # All candidates are equally long, so the best sums are also the best
            # scores. stable=True gives ties a fixed order.
            best_totals, best_places = torch.sort(
                candidates.flatten(), descending=True, stable=True)

            # Finished beams stay and compete with their final score.
            pool = [beam for beam in beams if beam.finished]
            # More than n_beams candidates can never go on, so skip the others.
            for total, place in zip(best_totals[:n_beams].tolist(),
                                    best_places[:n_beams].tolist()):
                # The place in the flattened table gives the beam and the token.
                row, token = divmod(place, log_p.shape[1])
                new_id = torch.tensor([[token]], dtype=torch.int64,
                                      device=ids.device)
                pool.append(Beam(
                    # cat makes a new tensor: the caller's ids do not change.
                    ids=torch.cat([unfinished[row].ids, new_id], dim=1),
                    total=total,
                    score=total / n_new ** length_penalty,
                    # With eos_id=None this is never True.
                    finished=token == eos_id,
                ))

            # Best first; only n_beams of all of them go on.
            pool.sort(key=lambda beam: beam.score, reverse=True)
            beams = pool[:n_beams]

    return [(beam.ids, beam.score) for beam in beams]
