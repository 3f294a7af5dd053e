import torch


def log_probability(model, ids, start):
    """Return the sum of ln p of the tokens ids[0, start:], as a Python float."""
    # Check start: the first token has nothing before it, so start is 1 to T.
    T = ids.shape[1]
    if start not in range(1, T + 1):
        raise ValueError("start must be an integer from 1 to T")

    block_size = model.config["block_size"]
    total = 0.0

    # Remember the mode of the model and of each part in it (True means training).
    old_modes = [(part, part.training) for part in model.modules()]
    try:
        # Use eval mode (no dropout), and compute no gradients.
        model.eval()
        with torch.no_grad():
            for place in range(start, T):
                # Take the tokens before this place, but at most block_size of them.
                first = max(0, place - block_size)
                before = ids[:, first:place]

                # The logits at the last place are about the token at `place`.
                logits = model(before)[0, -1, :]  # (vocab_size,)

                # Turn logits into ln p (64-bit floats on the CPU: small rounding errors).
                log_probs = torch.log_softmax(logits.cpu().double(), dim=-1)

                # Add the ln p of the token that is really there.
                token = ids[0, place].item()
                total = total + log_probs[token].item()
    finally:
        # Put every part back in its old mode. This also runs after an error.
        for part, was_training in old_modes:
            part.training = was_training

    return total


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    """Return a list of (ids, score), best first."""
    # Check the arguments.
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.shape[1] == 0:
        raise ValueError("the prompt must have at least one id")

    block_size = model.config["block_size"]

    # Start from one beam: the prompt. "total" is the sum of ln p of the new tokens.
    beams = [{"ids": ids, "total": 0.0, "score": 0.0, "finished": False}]

    # Remember the mode of the model and of each part in it (True means training).
    old_modes = [(part, part.training) for part in model.modules()]
    try:
        # Use eval mode (no dropout), and compute no gradients.
        model.eval()
        with torch.no_grad():
            # In step 1 each beam gets its new token 1, in step 2 its new token 2, ...
            for step in range(1, max_new_tokens + 1):
                # Split the beams. If none is unfinished, the search is over.
                finished = [beam for beam in beams if beam["finished"]]
                unfinished = [beam for beam in beams if not beam["finished"]]
                if len(unfinished) == 0:
                    break

                # Put all unfinished beams in one batch, one beam per row.
                batch = torch.cat([beam["ids"] for beam in unfinished], dim=0)  # (B, T)

                # Show the model the last block_size ids only.
                logits = model(batch[:, -block_size:])  # (B, up to block_size, vocab_size)

                # The logits at the last place are about the next token. Turn them into ln p.
                last_logits = logits[:, -1, :].cpu().double()  # (B, vocab_size)
                log_probs = torch.log_softmax(last_logits, dim=-1)  # (B, vocab_size)

                # Make one candidate for each unfinished beam and each id.
                # All of them have `step` new tokens, so they share one divisor.
                divisor = step ** length_penalty
                candidates = []
                for beam, row in zip(unfinished, log_probs.tolist()):
                    for token, log_p in enumerate(row):
                        total = beam["total"] + log_p
                        score = total / divisor
                        candidates.append((score, total, beam, token))

                # Finished beams compete too. They get no new token (None).
                stay = [(beam["score"], beam["total"], beam, None) for beam in finished]
                everyone = stay + candidates  # PREDICT: how many candidates are here in step 2, for n_beams=4 and 16 ids?

                # Sort by score, best first. Equal scores keep their order: nothing is random.
                everyone.sort(key=lambda entry: entry[0], reverse=True)

                # Only the n_beams best go on.
                beams = []
                for score, total, beam, token in everyone[:n_beams]:
                    if token is None:
                        # A finished beam stays as it is.
                        beams.append(beam)
                    else:
                        # Add the new token. torch.cat makes a new tensor, so
                        # the old beam and the caller's tensor do not change.
                        new_token = torch.tensor([[token]], dtype=torch.int64, device=ids.device)
                        new_ids = torch.cat([beam["ids"], new_token], dim=1)
                        # The beam is finished if the new token is eos_id.
                        is_end = eos_id is not None and token == eos_id
                        beams.append({"ids": new_ids, "total": total, "score": score, "finished": is_end})
    finally:
        # Put every part back in its old mode. This also runs after an error.
        for part, was_training in old_modes:
            part.training = was_training

    # The beams are already sorted. Return only the ids and the score of each.
    texts = [(beam["ids"], beam["score"]) for beam in beams]
    return texts
