# Style: a beginner. Lists of ids, one call of the model for each beam, no helper from torch.
import math

import torch


def log_softmax(scores):
    biggest = max(scores)
    total = 0.0
    for score in scores:
        total = total + math.exp(score - biggest)
    result = []
    for score in scores:
        result.append(score - biggest - math.log(total))
    return result


def ask(model, ids):
    size = model.config["block_size"]
    if len(ids) > size:
        ids = ids[-size:]
    logits = model(torch.tensor([ids]))
    scores = []
    for number in logits[0][len(ids) - 1]:
        scores.append(float(number))
    return log_softmax(scores)


def log_probability(model, ids, start):
    numbers = ids[0].tolist()
    if start < 1 or start > len(numbers):
        raise ValueError("start must be between 1 and the number of ids")
    training_before = model.training
    model.eval()
    try:
        with torch.no_grad():
            total = 0.0
            position = start
            while position < len(numbers):
                logs = ask(model, numbers[0:position])
                total = total + logs[numbers[position]]
                position = position + 1
    finally:
        model.train(training_before)
    return total


def get_score(beam):
    return beam["score"]


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    if n_beams < 1:
        raise ValueError("n_beams must be 1 or more")
    if max_new_tokens < 1:
        raise ValueError("max_new_tokens must be 1 or more")
    prompt = ids[0].tolist()
    if len(prompt) == 0:
        raise ValueError("the prompt is empty")
    beams = [{"ids": prompt, "sum": 0.0, "score": 0.0, "finished": False}]
    training_before = model.training
    model.eval()
    try:
        with torch.no_grad():
            for step in range(max_new_tokens):
                candidates = []
                for beam in beams:
                    if beam["finished"]:
                        candidates.append(beam)
                    else:
                        logs = ask(model, beam["ids"])
                        for next_id in range(len(logs)):
                            new_ids = beam["ids"] + [next_id]
                            new_sum = beam["sum"] + logs[next_id]
                            length = len(new_ids) - len(prompt)
                            new_beam = {}
                            new_beam["ids"] = new_ids
                            new_beam["sum"] = new_sum
                            new_beam["score"] = new_sum / length**length_penalty
                            new_beam["finished"] = next_id == eos_id
                            candidates.append(new_beam)
                candidates.sort(key=get_score, reverse=True)
                beams = candidates[0:n_beams]
    finally:
        model.train(training_before)
    answer = []
    for beam in beams:
        answer.append((torch.tensor([beam["ids"]]), beam["score"]))
    return answer
