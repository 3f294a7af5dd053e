# Style: heapq everywhere, a counter to break ties, a small bounded heap.
import heapq
import itertools
import math

import torch


class TopK:
    def __init__(self, k):
        self.k, self.heap, self.tick = k, [], itertools.count()

    def push(self, score, item):
        entry = (score, next(self.tick), item)
        if len(self.heap) < self.k:
            heapq.heappush(self.heap, entry)
        else:
            heapq.heappushpop(self.heap, entry)

    def best_first(self):
        return [(score, item) for score, _, item in sorted(self.heap, reverse=True)]


def probabilities(model, batch):
    size = model.config["block_size"]
    batch = batch[:, -size:] if batch.shape[1] > size else batch
    return torch.softmax(model(batch)[:, -1, :], dim=-1)


def quietly(model, job):
    before = model.training
    model.eval()
    try:
        with torch.no_grad():
            return job()
    finally:
        model.train(before)


def log_probability(model, ids, start):
    n = ids.shape[1]
    if start <= 0 or start > n:
        raise ValueError("start has to be 1 to %d, not %d" % (n, start))

    def job():
        logs = []
        for i in range(start, n):
            p = probabilities(model, ids[:, :i])[0, int(ids[0, i])].item()
            logs.append(math.log(p))
        return math.fsum(logs)

    return quietly(model, job)


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    for name, number in [("n_beams", n_beams), ("max_new_tokens", max_new_tokens)]:
        if number < 1:
            raise ValueError(f"{name} has to be positive, got {number}")
    if ids.shape[-1] == 0:
        raise ValueError("nothing to continue")

    def job():
        beams = [(0.0, (ids[0].tolist(), 0.0, 0, False))]
        for _ in range(max_new_tokens):
            top = TopK(n_beams)
            running = []
            for score, beam in beams:
                if beam[3]:
                    top.push(score, beam)
                else:
                    running.append(beam)
            if not running:
                return beams
            table = probabilities(model, torch.tensor([beam[0] for beam in running]))
            for (tokens, total, n, _), row in zip(running, table.tolist()):
                for i, p in enumerate(row):
                    new_total = total + (math.log(p) if p > 0 else -math.inf)
                    new_score = new_total / math.pow(n + 1, length_penalty)
                    top.push(new_score, (tokens + [i], new_total, n + 1, i == eos_id))
            beams = top.best_first()
        return beams

    return [(torch.tensor([beam[0]]), score) for score, beam in quietly(model, job)]
