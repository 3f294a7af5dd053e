"""beam_search.py: find likely texts by following several beams at once."""

import torch


def log_probability(model, ids, start):
    """Return the sum of ln p of the tokens ids[0, start:], as a Python float."""
    # Check start: the first token has nothing before it, so 0 is not allowed.
    T = ids.shape[1]
    if start not in range(1, T + 1):
        raise ValueError(f"start must be from 1 to {T}, but it is {start}")

    block_size = model.config["block_size"]
    total = 0.0

    # Remember the mode of the model and of each part inside it (such as dropout).
    old_modes = [(part, part.training) for part in model.modules()]
    try:
        # Use the model in eval mode, without gradients.
        model.eval()
        with torch.no_grad():
            for place in range(start, T):
                # Take the tokens directly before this place, at most block_size of them.
                first = max(0, place - block_size)
                context = ids[:, first:place]              # (1, at most block_size)

                # The logits at the last place of the context are about our token.
                logits = model(context)                    # (1, length, vocab_size)
                log_probs = torch.log_softmax(logits[0, -1], dim=-1)    # (vocab_size,)

                # Add ln p of the token that really stands at this place.
                token = ids[0, place].item()
                total = total + log_probs[token].item()
    finally:
        # Put every part back into its old mode, after an error too.
        for part, was_training in old_modes:
            part.training = was_training

    return total


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    """Return a list of (ids, score), best first."""
    # 1. Check the arguments.
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.numel() == 0:
        raise ValueError("the prompt must hold at least one id")

    block_size = model.config["block_size"]

    # 2. Start from one beam: the prompt. Even if it ends in eos_id, it is not finished.
    beams = [{"ids": ids, "sum": 0.0, "score": 0.0, "finished": False}]

    # 3. Remember the mode of the model and of each part inside it (such as dropout).
    old_modes = [(part, part.training) for part in model.modules()]
    try:
        # 3. Use the model in eval mode, without gradients.
        model.eval()
        with torch.no_grad():
            # An unfinished beam gets one token per step. So in step 1 each candidate
            # has 1 new token, in step 2 it has 2, and so on.
            for step in range(1, max_new_tokens + 1):
                # 4. Split the beams. Stop if all of them are finished.
                unfinished = [beam for beam in beams if not beam["finished"]]
                if len(unfinished) == 0:
                    break

                # 4. A finished beam keeps its score. None means: it gets no new token.
                finished = []
                for beam in beams:
                    if beam["finished"]:
                        finished.append((beam["score"], beam["sum"], beam, None))

                # 5. Put all unfinished beams into one batch: one row for each beam.
                batch = torch.cat([beam["ids"] for beam in unfinished], dim=0)

                # 5. Show the model the last block_size ids only.
                logits = model(batch[:, -block_size:])     # (rows, length, vocab_size)

                # 6. Get ln p of each possible next token, as a list of lists of floats.
                log_probs = torch.log_softmax(logits[:, -1, :], dim=-1).tolist()

                # 7. Make one candidate for each unfinished beam and each id.
                candidates = []
                for beam, row in zip(unfinished, log_probs):
                    for token, log_p in enumerate(row):
                        # ln(a x b) = ln a + ln b, so the new ln p is added to the sum.
                        new_sum = beam["sum"] + log_p
                        score = new_sum / (step ** length_penalty)
                        candidates.append((score, new_sum, beam, token))

                # 8. Finished beams compete with the candidates.
                rivals = finished + candidates  # PREDICT: how many candidates are here in step 2, for n_beams=4 and 16 ids?

                # 9. Sort by score (item 0 of each rival), highest first. Keep the best.
                rivals.sort(key=lambda rival: rival[0], reverse=True)
                best = rivals[:n_beams]

                # 10. Build the beams of the next step from the winners.
                beams = []
                for score, new_sum, beam, token in best:
                    if token is None:
                        # This beam was finished before. It stays as it is.
                        beams.append(beam)
                    else:
                        # torch.cat makes a new tensor, so the old ids are not changed.
                        new_id = torch.tensor([[token]], dtype=torch.int64, device=ids.device)
                        new_ids = torch.cat([beam["ids"], new_id], dim=1)
                        # If eos_id is None, token == eos_id is always False.
                        beams.append({
                            "ids": new_ids,
                            "sum": new_sum,
                            "score": score,
                            "finished": token == eos_id,
                        })
    finally:
        # 11. Put every part back into its old mode, after an error too.
        for part, was_training in old_modes:
            part.training = was_training

    # 12. The beams are still in the order of step 9: best first.
    texts = [(beam["ids"], beam["score"]) for beam in beams]
    return texts
