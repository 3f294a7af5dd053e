from contextlib import contextmanager

import torch


def next_log_probabilities(model, ids):
    """ids (B, T) -> ln p of each next token, (B, V)."""
    # The model cannot look further back than block_size ids, so show it only the last ones.
    logits = model(ids[:, -model.config["block_size"]:])
    # Only the last position predicts the token that comes next: (B, T, V) -> (B, V).
    last_logits = logits[:, -1, :]
    # log_softmax is more stable than log(softmax(...)).
    return torch.log_softmax(last_logits, dim=-1)


@contextmanager
def evaluating(model):
    """Eval mode and no gradients inside the with block."""
    # Remember the mode of the model and of each part of it.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode turns dropout off, so that nothing is random.
        model.eval()
        with torch.no_grad():
            yield
    finally:
        # This runs after an error too.
        for module, training in modes:
            module.training = training


def log_probability(model, ids, start):
    """Sum of ln p of ids[0, start:], each given the ids before it."""
    n_ids = ids.shape[1]
    # The first id has nothing before it, so it cannot be scored: start is at least 1.
    if not 1 <= start <= n_ids:
        raise ValueError(f"start must be from 1 to {n_ids}, got {start}")
    # With start == n_ids the loop does not run, and the sum stays 0.0.
    total = 0.0
    with evaluating(model):
        for t in range(start, n_ids):
            # Predict position t from the ids before it only.
            log_p = next_log_probabilities(model, ids[:, :t])
            # Pick the ln p of the token that is really there.
            total += log_p[0, int(ids[0, t])].item()
    return total


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    """List of (ids, score), best first."""
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.numel() == 0:
        raise ValueError("the prompt must not be empty")

    # One beam to start with. It is unfinished, even if the prompt contains eos_id.
    beams = [(ids.long(), 0.0, 0.0, False)]
    with evaluating(model):
        for n_new in range(1, max_new_tokens + 1):
            finished = [beam for beam in beams if beam[3]]
            unfinished = [beam for beam in beams if not beam[3]]
            if not unfinished:
                break

            # Unfinished beams all have the same length, so they fit in one batch without padding.
            batch = torch.cat([beam[0] for beam in unfinished], dim=0)
            # Add up in float64, so that long sums lose little to rounding.
            log_p = next_log_probabilities(model, batch).cpu().double()
            # totals[b, v]: the sum of beam b if it is extended by id v.
            old_totals = log_p.new_tensor([beam[1] for beam in unfinished])
            totals = old_totals[:, None] + log_p

            # All new candidates have n_new tokens, so the order by sum is the order by score,
            # and only the n_beams best of them can survive. A stable sort makes ties repeatable.
            values, places = totals.flatten().sort(stable=True, descending=True)
            # Finished beams compete unchanged, with their final score.
            candidates = finished
            for total, place in zip(values[:n_beams].tolist(), places[:n_beams].tolist()):
                # A place in the flattened (beams, V) table is beam * V + token.
                row, token = divmod(place, log_p.shape[1])
                parent = batch[row:row + 1]
                # cat makes a new tensor: neither the parent nor the caller's ids change.
                new_ids = torch.cat([parent, parent.new_tensor([[token]])], dim=1)
                # The eos token counts in both the sum and the number of new tokens.
                score = total / n_new ** length_penalty
                candidates.append((new_ids, total, score, token == eos_id))

            # The n_beams best of all go on, sorted best first.
            candidates.sort(key=lambda beam: beam[2], reverse=True)
            beams = candidates[:n_beams]

    return [(beam[0], beam[2]) for beam in beams]
