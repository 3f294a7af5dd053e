# Style: a beginner's long way round, with plain Python lists, math.exp and a loop for everything.
import math

import torch


def biggest_position(numbers):
    best = 0
    for position in range(len(numbers)):
        if numbers[position] > numbers[best]:
            best = position
    return best


def make_probabilities(scores, temperature):
    biggest = max(scores)
    weights = []
    for score in scores:
        weights.append(math.exp((score - biggest) / temperature))
    total = sum(weights)
    probabilities = []
    for weight in weights:
        probabilities.append(weight / total)
    return probabilities


def only_the_best(scores, k):
    # everything outside the k best gets a score that can never win
    candidates = list(range(len(scores)))
    winners = []
    while len(winners) < k and len(candidates) > 0:
        best = candidates[0]
        for c in candidates:
            if scores[c] > scores[best]:
                best = c
        winners.append(best)
        candidates.remove(best)
    new_scores = []
    for i in range(len(scores)):
        if i in winners:
            new_scores.append(scores[i])
        else:
            new_scores.append(-math.inf)
    return new_scores


def roll_the_dice(probabilities, generator):
    dice = torch.rand(1, generator=generator, dtype=torch.float64).item()
    so_far = 0.0
    answer = None
    for i in range(len(probabilities)):
        if probabilities[i] > 0:
            answer = i
            so_far = so_far + probabilities[i]
            if dice < so_far:
                break
    return answer


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if temperature < 0 or math.isnan(temperature):
        raise ValueError("the temperature cannot be negative")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k has to be at least 1")
    my_ids = ids[0].tolist()
    block_size = model.config["block_size"]
    mode_before = model.training
    model.eval()
    try:
        for _ in range(max_new_tokens):
            last_ids = my_ids[-block_size:]
            with torch.no_grad():
                output = model(torch.tensor([last_ids]))
            scores = output[0][-1].tolist()
            if top_k is not None:
                scores = only_the_best(scores, top_k)
            if temperature == 0:
                new_id = biggest_position(scores)
            else:
                probabilities = make_probabilities(scores, temperature)
                new_id = roll_the_dice(probabilities, generator)
            my_ids.append(new_id)
    finally:
        if mode_before:
            model.train()
    return torch.tensor([my_ids])


def generate_words(model, tokenizer, prompt, n_words=10, temperature=1.0, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)])
    text = tokenizer.decode(ids[0].tolist())
    words_so_far = 0
    letters_in_this_word = 0
    steps_left = 1000 * n_words
    while words_so_far < n_words and steps_left > 0:
        ids = generate(model, ids, 1, temperature, None, generator)
        letter = tokenizer.decode([ids[0][-1].item()])
        text = text + letter
        if letter.isspace():
            if letters_in_this_word > 0:
                words_so_far = words_so_far + 1
            letters_in_this_word = 0
        else:
            letters_in_this_word = letters_in_this_word + 1
        steps_left = steps_left - 1
    return text
