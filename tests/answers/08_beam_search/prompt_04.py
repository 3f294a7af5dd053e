# beam_search.py
import torch


def log_probability(model, ids, start):
    """Return the sum of ln p of the tokens ids[0, start:]."""
    # Check the start: 1 to T. (The token at place 0 has nothing before it.)
    T = ids.shape[1]
    if start not in range(1, T + 1):
        raise ValueError(f"start must be 1 to {T}, but it is {start}")

    block_size = model.config["block_size"]
    total = 0.0

    # Remember the mode of the model and of each part inside it.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off. no_grad computes no gradients.
        model.eval()
        with torch.no_grad():
            for place in range(start, T):
                # Take the tokens directly before this place, at most block_size.
                first = max(0, place - block_size)
                context = ids[:, first:place]                 # (1, up to block_size)

                # The logits at the last place are about the token at `place`.
                logits = model(context)[0, -1, :]             # (vocab_size,)

                # Turn the logits into ln p. float64 (double) keeps the sum
                # exact; we go to the CPU since some devices have no float64.
                log_probs = torch.log_softmax(logits.cpu().double(), dim=-1)

                # Add the ln p of the token that really stands there.
                token = ids[0, place].item()
                total += log_probs[token].item()
    finally:
        # Put every part back into its old mode. This runs after an error too.
        for module, was_training in modes:
            module.training = was_training

    return total


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    """Return a list of (ids, score), best first."""
    # Check the arguments.
    if n_beams < 1:
        raise ValueError("n_beams must be at least 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be at least 1")
    if ids.numel() == 0:
        raise ValueError("the prompt must hold at least one id")

    block_size = model.config["block_size"]

    # Start from one beam: the prompt.
    # "total" is the sum of ln p of the new tokens. "score" is what we compare.
    beams = [{"ids": ids, "total": 0.0, "score": 0.0, "finished": False}]

    # Remember the mode of the model and of each part inside it.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off. no_grad computes no gradients.
        model.eval()
        with torch.no_grad():
            for step in range(1, max_new_tokens + 1):
                # Split the beams, and stop if all of them are finished.
                finished = [beam for beam in beams if beam["finished"]]
                unfinished = [beam for beam in beams if not beam["finished"]]
                if not unfinished:
                    break

                # Stack the unfinished beams into one batch (they are equally
                # long), and show the model their last block_size ids only.
                batch = torch.cat([beam["ids"] for beam in unfinished], dim=0)
                logits = model(batch[:, -block_size:])        # (B, T, vocab_size)

                # The last place is about the next token. Turn its logits into
                # ln p (float64 on the CPU, as above): one list for each beam.
                last = logits[:, -1, :].cpu().double()        # (B, vocab_size)
                log_probs = torch.log_softmax(last, dim=-1).tolist()

                # Make one candidate for each unfinished beam and each id.
                # In this step, every candidate has exactly `step` new tokens.
                # We only note beam and token here, and build no ids yet.
                candidates = []
                for beam, row in zip(unfinished, log_probs):
                    for token, log_p in enumerate(row):
                        total = beam["total"] + log_p
                        score = total / step ** length_penalty
                        candidates.append((score, total, beam, token))

                # Finished beams compete too, with their final score.
                # Token None means: nothing is added to this beam.
                stay = [(beam["score"], beam["total"], beam, None) for beam in finished]
                pool = stay + candidates  # PREDICT: how many candidates are here in step 2, for n_beams=4 and 16 ids?

                # Sort by score (entry[0]), best first. Entries with equal
                # scores keep their order, so nothing is random.
                pool.sort(key=lambda entry: entry[0], reverse=True)

                # Keep the n_beams best, or all of them if there are fewer.
                beams = []
                for score, total, beam, token in pool[:n_beams]:
                    if token is None:
                        # A finished beam stays as it is.
                        beams.append(beam)
                    else:
                        # Add the token. torch.cat makes a new tensor, so the
                        # caller's tensor and the old beam do not change.
                        new_token = torch.tensor([[token]], dtype=torch.int64, device=ids.device)
                        new_ids = torch.cat([beam["ids"], new_token], dim=1)

                        # The beam is finished if its newest token is eos_id.
                        # (With eos_id None this is never true.)
                        beams.append({
                            "ids": new_ids,
                            "total": total,
                            "score": score,
                            "finished": token == eos_id,
                        })
    finally:
        # Put every part back into its old mode. This runs after an error too.
        for module, was_training in modes:
            module.training = was_training

    # The beams are already sorted, best first.
    return [(beam["ids"], beam["score"]) for beam in beams]
