# beam_search.py

import torch


def log_probability(model, ids, start):
    """Return the sum of ln p of the tokens ids[0, start:]. ids is (1, T)."""
    # Check start before the model is touched.
    T = ids.shape[1]
    if start < 1 or start > T:
        raise ValueError(f"start must be from 1 to {T}, but it is {start}")

    block_size = model.config["block_size"]
    total = 0.0

    # Remember the mode, so that we can put it back at the end.
    was_training = model.training
    try:
        model.eval()
        with torch.no_grad():
            # Score one token at a time: the token at place t.
            for t in range(start, T):
                # Take the tokens directly before it, at most block_size of them.
                first = max(0, t - block_size)
                logits = model(ids[:, first:t])

                # The last place tells about the token at place t.
                # float64 (double) keeps the rounding errors of the sum small.
                last_logits = logits[0, -1, :].cpu().double()
                log_probs = torch.log_softmax(last_logits, dim=-1)

                # Add the ln p of the token that really stands there.
                token = ids[0, t].item()
                total += log_probs[token].item()
    finally:
        # This runs after an error too.
        model.train(was_training)

    return total


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    """Return a list of (ids, score), best first. ids is (1, T), the prompt."""
    # Check the arguments before the model is touched.
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.numel() == 0:
        raise ValueError("the prompt must hold at least one id")

    block_size = model.config["block_size"]

    # Start from one beam: the prompt.
    # "total" is the sum of ln p of the new tokens, "score" is what we rank by.
    beams = [{"ids": ids, "total": 0.0, "score": 0.0, "finished": False}]

    # Remember the mode, so that we can put it back at the end.
    was_training = model.training
    try:
        model.eval()
        with torch.no_grad():
            # step counts from 1, so it is also the number of new tokens
            # that every candidate of this step has.
            for step in range(1, max_new_tokens + 1):
                # 1. Split: only unfinished beams can grow.
                finished = [beam for beam in beams if beam["finished"]]
                unfinished = [beam for beam in beams if not beam["finished"]]
                if len(unfinished) == 0:
                    break

                # 2. Ask the model: one row per unfinished beam.
                # The slice cuts only what the model sees, not the beams.
                batch = torch.cat([beam["ids"] for beam in unfinished], dim=0)
                logits = model(batch[:, -block_size:])

                # 3. Get ln p: only the last place is about the next token.
                # tolist() gives one list of Python floats per unfinished beam.
                last_logits = logits[:, -1, :].cpu().double()
                log_probs = torch.log_softmax(last_logits, dim=-1).tolist()

                # 4. Extend: ln p are added, because probabilities are multiplied.
                # We only note beam and token here; the ids are built in 7.
                candidates = []
                for beam, row in zip(unfinished, log_probs):
                    for token, log_p in enumerate(row):
                        total = beam["total"] + log_p
                        score = total / step ** length_penalty
                        candidates.append((score, total, beam, token))

                # 5. Compete: a finished beam joins with its final score.
                # It gets no new token, so we write None in that place.
                # (For the prediction, take eos_id=None: then stayers is empty.)
                stayers = [(beam["score"], beam["total"], beam, None) for beam in finished]
                everyone = stayers + candidates  # PREDICT: how many candidates are here in step 2, for n_beams=4 and 16 ids?

                # 6. Select: sort by score (entry 0), best first, and keep the front.
                # Equal scores keep their order, so nothing is random.
                everyone.sort(key=lambda entry: entry[0], reverse=True)
                best = everyone[:n_beams]

                # 7. Build: make the beams of the next step, still best first.
                beams = []
                for score, total, beam, token in best:
                    if token is None:
                        # A finished beam stays as it is.
                        beams.append(beam)
                    else:
                        # torch.cat makes a new tensor; the old one is not changed.
                        new_token = torch.tensor([[token]], dtype=torch.int64, device=ids.device)
                        new_ids = torch.cat([beam["ids"], new_token], dim=1)
                        beams.append({
                            "ids": new_ids,
                            "total": total,
                            "score": score,
                            "finished": eos_id is not None and token == eos_id,
                        })
    finally:
        # This runs after an error too.
        model.train(was_training)

    # Return only what the caller needs; the beams are already sorted.
    return [(beam["ids"], beam["score"]) for beam in beams]
