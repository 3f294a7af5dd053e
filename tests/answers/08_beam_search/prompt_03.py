"""beam_search.py: search for probable texts with several beams at once."""

import torch


def log_probability(model, ids, start):
    """Return the sum of ln p of the tokens ids[0, start:], as a Python float."""
    # Check start: 1 to T is allowed. Token 0 has nothing before it, so 0 is not.
    T = ids.shape[1]
    if start not in range(1, T + 1):
        raise ValueError(f"start must be 1 to {T}, but it is {start}")

    block_size = model.config["block_size"]
    total = 0.0

    # Remember the mode (training or eval), so that we can restore it.
    was_training = model.training
    try:
        model.eval()
        with torch.no_grad():
            # Go through the tokens one by one. With start == T there are none.
            for t in range(start, T):
                # Take the tokens directly before place t, at most block_size.
                first = max(0, t - block_size)
                context = ids[:, first:t]                  # (1, up to block_size)

                # The logits at the last place are about the token at place t.
                logits = model(context)[0, -1, :]          # (vocab_size,)

                # Turn logits into ln p. float64 keeps rounding errors small
                # (on the CPU, because not every device knows float64).
                log_p = torch.log_softmax(logits.cpu().double(), dim=-1)

                # Add the ln p of the token that is really there.
                token = ids[0, t].item()
                total += log_p[token].item()
    finally:
        # Restore the mode. "finally" runs after an error too.
        model.train(was_training)

    return total


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    """Return a list of (ids, score), best first."""
    # Check the arguments before anything else happens.
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.numel() == 0:
        raise ValueError("the prompt must hold at least one id")

    block_size = model.config["block_size"]

    # 1. Start from one beam: the prompt. An eos_id inside it finishes nothing.
    #    "total" is the sum of ln p, "score" is the sum after the length penalty.
    beams = [{"ids": ids, "total": 0.0, "score": 0.0, "finished": False}]

    # Remember the mode (training or eval), so that we can restore it.
    was_training = model.training
    try:
        model.eval()
        with torch.no_grad():
            # 8. Repeat. In step 1 a candidate has 1 new token, in step 2 it has
            #    2, and so on: "step" is also the number of new tokens.
            for step in range(1, max_new_tokens + 1):
                # 2. Split the beams, and stop if all of them are finished.
                finished = [beam for beam in beams if beam["finished"]]
                unfinished = [beam for beam in beams if not beam["finished"]]
                if len(unfinished) == 0:
                    break

                # 3. Make one batch (B = number of unfinished beams). torch.cat
                #    copies, so the caller's tensor stays as it is.
                batch = torch.cat([beam["ids"] for beam in unfinished], dim=0)

                # 3. Show the model the last block_size ids only.
                logits = model(batch[:, -block_size:])     # (B, T, vocab_size)

                # 4. Turn the logits at the last place into ln p, in float64 on
                #    the CPU as above. tolist() gives plain Python floats.
                last = logits[:, -1, :].cpu().double()     # (B, vocab_size)
                log_p = torch.log_softmax(last, dim=-1).tolist()

                # 5. Each unfinished beam gives one candidate for each id.
                #    A candidate is a tuple: (score, total, parent beam, new id).
                candidates = []
                for parent, row in zip(unfinished, log_p):
                    for token, token_log_p in enumerate(row):
                        total = parent["total"] + token_log_p
                        score = total / step ** length_penalty
                        candidates.append((score, total, parent, token))

                # 6. A finished beam competes with its final score. It gets no
                #    new id, so we write None in that place.
                old = [(beam["score"], beam["total"], beam, None) for beam in finished]
                competitors = old + candidates  # PREDICT: how many candidates are here in step 2, for n_beams=4 and 16 ids?

                # 6. Sort by score (place 0 of the tuple), highest first. Equal
                #    scores keep their order, so nothing is random.
                competitors.sort(key=lambda entry: entry[0], reverse=True)

                # 7. The n_beams best go on (all of them, if there are fewer).
                beams = []
                for score, total, parent, token in competitors[:n_beams]:
                    # 7. A finished beam stays as it is.
                    if token is None:
                        beams.append(parent)
                        continue

                    # 7. A candidate becomes a beam: its parent's ids + its new id.
                    new_id = torch.tensor([[token]], dtype=torch.int64, device=ids.device)
                    beams.append({
                        "ids": torch.cat([parent["ids"], new_id], dim=1),
                        "total": total,
                        "score": score,
                        # If eos_id is None, this is never True: token is a number.
                        "finished": token == eos_id,
                    })
    finally:
        # Restore the mode. "finally" runs after an error too.
        model.train(was_training)

    # 8. The beams are already in order, best first, from the sort in 6.
    return [(beam["ids"], beam["score"]) for beam in beams]
