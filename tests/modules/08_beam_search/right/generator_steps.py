# Style: a generator yields the beams after every step; the caller takes the last ones.
from collections import namedtuple
from contextlib import ExitStack
from operator import attrgetter

import torch

Candidate = namedtuple("Candidate", "score total tokens open")


def evaluation(model):
    stack = ExitStack()
    stack.enter_context(torch.no_grad())
    stack.callback(model.train, model.training)
    model.eval()
    return stack


def what_next(model, rows):
    limit = model.config["block_size"]
    shown = torch.tensor([row[-limit:] for row in rows])
    return model(shown)[:, -1].log_softmax(dim=-1).tolist()


def log_probability(model, ids, start):
    (row,) = ids.tolist()
    if not (start >= 1 and start <= len(row)):
        raise ValueError(f"bad start: {start}")
    total = 0.0
    with evaluation(model):
        for before in range(start, len(row)):
            (gains,) = what_next(model, [row[:before]])
            total += gains[row[before]]
    return total


def races(model, prompt, width, penalty, eos_id):
    beams = [Candidate(0.0, 0.0, prompt, True)]
    length = 0
    while any(beam.open for beam in beams):
        length += 1
        waiting = [beam for beam in beams if not beam.open]
        runners = [beam for beam in beams if beam.open]
        for beam, gains in zip(runners, what_next(model, [beam.tokens for beam in runners])):
            for token, gain in enumerate(gains):
                total = beam.total + gain
                waiting.append(
                    Candidate(
                        total / length**penalty, total, beam.tokens + [token], token != eos_id
                    )
                )
        beams = sorted(waiting, key=attrgetter("score"))[-width:][::-1]
        yield beams


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    (prompt,) = ids.tolist()
    if len(prompt) == 0:
        raise ValueError("the prompt has no tokens")
    if n_beams <= 0 or max_new_tokens <= 0:
        raise ValueError("n_beams and max_new_tokens count from 1")
    with evaluation(model):
        steps = races(model, prompt, n_beams, length_penalty, eos_id)
        for _, beams in zip(range(max_new_tokens), steps):
            last = beams
    return [(torch.tensor([beam.tokens]), beam.score) for beam in last]
