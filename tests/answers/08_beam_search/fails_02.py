# Style: leaves torch as early as possible; numpy, argsort and unravel_index.
import numpy as np
import torch


class Scores:
    """Context manager: numpy log probabilities of a model that is only used."""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.training = self.model.training
        self.model.eval()
        return self

    def __exit__(self, *_):
        self.model.train(self.training)

    def __call__(self, rows):
        rows = np.asarray(rows)[:, -self.model.config["block_size"] :]
        with torch.no_grad():
            logits = self.model(torch.from_numpy(rows))[:, -1].cpu().numpy().astype(np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def log_probability(model, ids, start):
    row = ids[0].cpu().numpy()
    if start < 1 or start > row.size:
        raise ValueError("start out of range")
    with Scores(model) as logp:
        return float(sum(logp(row[None, :t])[0, row[t]] for t in range(start, row.size)))


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    if n_beams < 1 or max_new_tokens < 1:
        raise ValueError("n_beams and max_new_tokens must be >= 1")
    if ids.shape[1] == 0:
        raise ValueError("ids is empty")
    prompt = ids[0].cpu().numpy()
    rows = [prompt]
    sums = np.zeros(1)
    scores = np.zeros(1)
    ended = np.zeros(1, dtype=bool)
    with Scores(model) as logp:
        for step in range(max_new_tokens):
            alive = np.flatnonzero(~ended)
            if alive.size == 0:
                break
            new_sums = sums[alive, None] + logp(np.stack([rows[i] for i in alive]))
            new_scores = new_sums / float(step + 1) ** length_penalty
            gone = np.flatnonzero(ended)
            pool = np.concatenate([scores[gone], new_scores.ravel()])
            order = np.argsort(-pool, kind="stable")[:n_beams]
            next_rows, next_sums, next_ended = [], [], []
            for place in order:
                if place < gone.size:
                    next_rows.append(rows[gone[place]])
                    next_sums.append(sums[gone[place]])
                    next_ended.append(True)
                else:
                    beam, token = np.unravel_index(place - gone.size, new_sums.shape)
                    next_rows.append(np.append(rows[alive[beam]], token))
                    next_sums.append(new_sums[beam, token])
                    next_ended.append(eos_id is not None and token == eos_id)
            rows, sums, scores = next_rows, np.array(next_sums), pool[order]
            ended = np.array(next_ended)
    return [(torch.from_numpy(row)[None], float(score)) for row, score in zip(rows, scores)]
