# Style: what one remembers of Hugging Face's generate: beam_scores, beam_idx, a running attention to eos.
import torch


@torch.no_grad()
def log_probability(model, input_ids, start):
    seq_len = input_ids.shape[-1]
    if not 0 < start < seq_len + 1:
        raise ValueError(f"`start` has to be in [1, {seq_len}], but is {start}")
    training = model.training
    model.eval()
    try:
        max_len = model.config["block_size"]
        # one pass for as much as fits, then a sliding window
        total = torch.zeros((), dtype=torch.float64)
        head = min(seq_len - 1, max_len)
        logits = model(input_ids[:, :head])
        log_probs = torch.log_softmax(logits, dim=-1)
        for pos in range(start, seq_len):
            if pos <= head:
                scores = log_probs[0, pos - 1]
            else:
                window = input_ids[:, pos - max_len : pos]
                scores = torch.log_softmax(model(window)[0, -1], dim=-1)
            total = total + scores[input_ids[0, pos]]
        return total.item()
    finally:
        model.train(training)


def _process(next_token_scores, beam_scores):
    next_token_scores = next_token_scores + beam_scores[:, None].expand_as(next_token_scores)
    return next_token_scores


@torch.no_grad()
def beam_search(model, input_ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    if n_beams < 1:
        raise ValueError("`n_beams` has to be a strictly positive integer")
    if max_new_tokens < 1:
        raise ValueError("`max_new_tokens` has to be a strictly positive integer")
    if input_ids.shape[1] == 0:
        raise ValueError("`input_ids` is empty")
    training = model.training
    model.eval()
    try:
        beam_scores = torch.zeros(1)
        finished = []
        cur_len = 0
        while cur_len < max_new_tokens and input_ids.shape[0] > 0:
            logits = model(input_ids[:, -model.config["block_size"] :])
            next_token_logits = logits[:, -1, :]
            scores = _process(torch.log_softmax(next_token_logits, dim=-1), beam_scores)
            vocab_size = scores.shape[-1]
            cur_len += 1
            flat = scores.reshape(-1)
            normed = flat / (cur_len**length_penalty)
            k = min(n_beams, flat.shape[0])
            _, candidates = torch.topk(normed, k, dim=0, largest=True, sorted=True)
            pool = [(hyp["score"], hyp) for hyp in finished]
            for candidate in candidates.tolist():
                beam_idx, token = divmod(candidate, vocab_size)
                ids = torch.cat([input_ids[beam_idx], torch.tensor([token])])
                is_eos = eos_id is not None and token == eos_id
                score = normed[candidate].item()
                hyp = {"ids": ids, "sum": flat[candidate], "score": score, "eos": is_eos}
                pool.append((score, hyp))
            pool.sort(key=lambda x: x[0], reverse=True)
            kept = [hyp for _, hyp in pool[:n_beams]]
            finished = [hyp for hyp in kept if hyp["eos"]][:n_beams]
            running = [hyp for hyp in kept if not hyp["eos"]][:n_beams]
            if not running:
                break
            input_ids = torch.stack([hyp["ids"] for hyp in running])
            beam_scores = torch.stack([hyp["sum"] for hyp in running])
        return [(hyp["ids"][None, :], hyp["score"]) for hyp in kept]
    finally:
        model.train(training)
