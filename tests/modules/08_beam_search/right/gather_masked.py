# Style: fixed width tensors with padding, finished rows masked, as on an accelerator.
import torch

NEG = float("-inf")


def log_probability(model, ids, start):
    T = ids.shape[1]
    if start < 1 or start > T:
        raise ValueError("start is not a place of the text behind its first token")
    state = model.training
    model.eval()
    try:
        with torch.no_grad():
            result = ids.new_zeros((), dtype=torch.float32)
            for t in range(start, T):
                window = ids[:, :t][:, -model.config["block_size"] :]
                logp = torch.log_softmax(model(window)[:, -1], -1)
                result = result + logp.gather(1, ids[:, t : t + 1]).sum()
            return float(result)
    finally:
        model.train(state)


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    if n_beams < 1 or max_new_tokens < 1 or ids.shape[1] < 1:
        raise ValueError("n_beams, max_new_tokens and the length of ids must be positive")
    state = model.training
    model.eval()
    try:
        with torch.no_grad():
            T0 = ids.shape[1]
            tokens = ids.clone()  # (K, T)
            sums = torch.zeros(1)
            lengths = torch.zeros(1, dtype=torch.long)
            alive = torch.ones(1, dtype=torch.bool)
            for _ in range(max_new_tokens):
                if not alive.any():
                    break
                logp = torch.log_softmax(
                    model(tokens[:, -model.config["block_size"] :])[:, -1].float(), -1
                )
                V = logp.shape[1]
                # a finished row has one continuation, at no cost: padding
                stay = torch.full((V,), NEG)
                stay[0] = 0.0
                logp = torch.where(alive[:, None], logp, stay)
                total = sums[:, None] + logp
                length = (lengths + alive)[:, None].float().expand_as(total)
                score = total / length**length_penalty
                possible = torch.where(alive[:, None], True, (stay == 0.0)[None]).flatten()
                places = possible.nonzero().flatten()
                ranked = score.flatten()[places].sort(descending=True).indices[:n_beams]
                chosen = places[ranked]
                row, col = chosen.div(V, rounding_mode="floor"), chosen.remainder(V)
                tokens = torch.cat([tokens[row], col[:, None]], dim=1)
                sums = total.flatten()[chosen]
                lengths = (lengths + alive)[row]
                alive = alive[row] & ((col != eos_id) if eos_id is not None else True)
            final = (sums / lengths.float() ** length_penalty).tolist()
            return [
                (tokens[k : k + 1, : T0 + int(lengths[k])].clone(), final[k])
                for k in range(len(final))
            ]
    finally:
        model.train(state)
