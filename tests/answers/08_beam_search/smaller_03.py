from collections import namedtuple
from contextlib import contextmanager

import torch
import torch.nn.functional as F

# total: sum of ln p of the new tokens; score: total after the length penalty.
Beam = namedtuple("Beam", ["ids", "total", "score", "finished"])


def next_log_probabilities(model, ids):
    # The model cannot look at more than block_size ids, so keep only the last ones.
    context = ids[:, -model.config["block_size"]:]
    # (B, T) -> (B, T, V): one prediction per position.
    logits = model(context)
    # Only the last position predicts the token that comes next: (B, V).
    return F.log_softmax(logits[:, -1, :], dim=-1)


@contextmanager
def evaluation(model):
    # Remember the mode of the model and of each of its submodules.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off, so nothing is random.
        model.eval()
        # The body of the "with evaluation(model):" block runs at the yield.
        with torch.no_grad():
            yield
    finally:
        # "finally" also runs after an error.
        for module, mode in modes:
            module.training = mode


def log_probability(model, ids, start):
    length = ids.shape[1]
    # The first token has nothing before it, so start cannot be 0.
    if not 1 <= start <= length:
        raise ValueError(f"start must be 1 to {length}, got {start}")
    total = 0.0
    with evaluation(model):
        # With start == length the loop does not run, and the result is 0.0.
        for i in range(start, length):
            # Predict token i from the ids before it.
            log_p = next_log_probabilities(model, ids[:, :i])
            # Pick ln p of the token that is really there, as a Python float.
            total += log_p[0, ids[0, i].item()].item()
    return total


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.numel() == 0:
        raise ValueError("the prompt must not be empty")

    # Start from one unfinished beam, even if the prompt contains eos_id.
    beams = [Beam(ids.long(), 0.0, 0.0, False)]
    with evaluation(model):
        # step is also the number of new tokens that each new candidate has.
        for step in range(1, max_new_tokens + 1):
            unfinished = [beam for beam in beams if not beam.finished]
            if not unfinished:
                break

            # Unfinished beams all have the same length, so they fit in one batch.
            batch = torch.cat([beam.ids for beam in unfinished], dim=0)
            # float64, so that long sums stay precise: (beams, V).
            log_p = next_log_probabilities(model, batch).cpu().double()
            old_totals = torch.tensor(
                [beam.total for beam in unfinished], dtype=torch.float64, device="cpu"
            )
            # One candidate per beam and id: old sum + ln p of the new token.
            totals = old_totals.unsqueeze(1) + log_p

            # Flatten, so that the candidates of all beams compete with each other.
            # A stable sort makes ties predictable: earlier beam, then smaller id.
            values, positions = torch.sort(totals.flatten(), descending=True, stable=True)
            # More than n_beams new candidates can never go on, so drop the rest here.
            # (They all have the same length, so the penalty does not change their order.)
            values = values[:n_beams].tolist()
            positions = positions[:n_beams].tolist()

            # Finished beams stay in the competition with their final score.
            candidates = [beam for beam in beams if beam.finished]
            for total, position in zip(values, positions):
                # Flat position -> which beam, and which id was added to it.
                row, token = divmod(position, log_p.shape[1])
                new_token = batch.new_tensor([[token]])
                # cat makes a new tensor, so the caller's tensor is never changed.
                new_ids = torch.cat([batch[row:row + 1], new_token], dim=1)
                score = total / step ** length_penalty
                # Only the newest token can finish a beam; it stays and counts.
                finished = eos_id is not None and token == eos_id
                candidates.append(Beam(new_ids, total, score, finished))

            # The n_beams best of all go on, best first.
            candidates.sort(key=lambda beam: beam.score, reverse=True)
            beams = candidates[:n_beams]

    return [(beam.ids, beam.score) for beam in beams]
