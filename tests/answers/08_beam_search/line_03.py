# Style: one who knows beam search from lectures: flat top-k over beams x vocabulary, all in tensors.
import torch
from torch.nn import functional as F


def _logp(model, ids):
    crop = ids[:, -model.config["block_size"] :]
    return F.log_softmax(model(crop)[:, -1].double(), dim=-1)


def log_probability(model, ids, start):
    T = ids.size(1)
    if start < 1 or start > T:
        raise ValueError(f"start={start} is outside 1..{T}")
    mode = model.training
    model.eval()
    try:
        with torch.inference_mode():
            steps = [_logp(model, ids[:, :t])[0, ids[0, t]] for t in range(start, T)]
            return torch.stack(steps).sum().item() if steps else 0.0
    finally:
        model.train(mode)


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    if n_beams < 1:
        raise ValueError("n_beams < 1")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens < 1")
    if ids.numel() == 0:
        raise ValueError("empty prompt")
    mode = model.training
    model.eval()
    prompt = ids.size(1)
    try:
        with torch.no_grad():
            seqs, sums = ids.clone(), torch.zeros(1, dtype=torch.float64)  # (K, T), (K,)
            done = []  # finished: (ids, score)
            for step in range(1, max_new_tokens + 1):
                if len(seqs) == 0:
                    break
                total = sums[:, None] + _logp(model, seqs)  # (K, V)
                V = total.size(1)
                flat = (total / step**length_penalty).flatten()
                old = torch.tensor([s for _, s in done], dtype=torch.float64)
                everything = torch.cat([old, flat])
                best = everything.topk(min(n_beams, len(everything))).indices
                kept = [done[i] for i in best.tolist() if i < len(done)]
                live = best[best >= len(done)] - len(done)
                rows, cols = live // V, live % V
                new = torch.cat([seqs[rows], cols[:, None]], dim=1)
                ended = cols == eos_id if eos_id is not None else torch.zeros_like(cols).bool()
                for seq, score in zip(new[ended], flat[live][ended]):
                    kept.append((seq[None], score.item()))
                seqs, sums = new[~ended], total.flatten()[live][~ended]
                done = kept
            length = seqs.size(1) - prompt
            for seq, s in zip(seqs, sums.tolist()):
                done.append((seq[None], s / length**length_penalty))
    finally:
        model.train(mode)
    return sorted(done, key=lambda pair: pair[1], reverse=True)
