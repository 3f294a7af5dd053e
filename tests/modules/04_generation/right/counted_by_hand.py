# sampler.py - my text generator
# The model guesses the next id, I add it to a list, and then everything again.

import math

import torch


def find_best(scores):
    # go through all scores and remember where the biggest one was
    best_position = 0
    for i in range(len(scores)):
        if scores[i] > scores[best_position]:
            best_position = i
    return best_position


def keep_only_best(scores, how_many):
    # put the positions in order, the best score first
    positions = list(range(len(scores)))
    positions.sort(key=lambda p: scores[p], reverse=True)

    # make a new list where nobody can win
    new_scores = []
    for i in range(len(scores)):
        new_scores.append(float("-inf"))

    # now put back the winners
    for p in positions[:how_many]:
        new_scores[p] = scores[p]
    return new_scores


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # check what we were given
    if ids.shape[1] == 0:
        raise ValueError("I need at least one id to start from")
    if math.isnan(temperature):
        raise ValueError("temperature is not a number")
    if temperature < 0:
        raise ValueError("temperature can not be negative")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k must be 1 or more")

    block_size = model.config["block_size"]

    # a normal Python list is easier, and it does not touch the tensor of the caller
    all_ids = ids[0].tolist()

    # remember the mode, then eval mode
    old_mode = model.training
    model.eval()

    try:
        with torch.no_grad():
            count = 0
            while count < max_new_tokens:
                # the last block_size ids
                start = len(all_ids) - block_size
                if start < 0:
                    start = 0
                window = all_ids[start:]
                x = torch.tensor([window], dtype=torch.int64, device=ids.device)

                # ask the model
                logits = model(x)  # PREDICT: what shape is this for a prompt of 5 ids?

                # the scores behind the last id, as a list
                last = len(window) - 1
                scores = logits[0][last].tolist()

                if temperature == 0:
                    new_id = find_best(scores)
                else:
                    # only the best ones may play
                    if top_k is not None:
                        scores = keep_only_best(scores, top_k)
                    # temperature
                    for i in range(len(scores)):
                        if scores[i] != float("-inf"):
                            scores[i] = scores[i] / temperature
                    # scores to chances
                    chances = torch.softmax(torch.tensor(scores, device=ids.device), dim=0)
                    # roll the dice
                    new_id = torch.multinomial(chances, 1, generator=generator).item()

                all_ids.append(new_id)
                count = count + 1
    finally:
        # put the old mode back
        model.train(old_mode)

    return torch.tensor([all_ids], dtype=torch.int64, device=ids.device)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # text to numbers
    my_ids = list(tokenizer.encode(prompt))
    start_text = tokenizer.decode(my_ids)

    # how many words do we want in the end?
    words_at_start = len(start_text.split())
    words_wanted = words_at_start + n_words

    text = start_text
    added = 0
    done = False
    while not done and added < 30 * n_words:
        # one more character
        x = torch.tensor([my_ids], dtype=torch.int64)
        longer = generate(model, x, 1, temperature=temperature, generator=generator)
        my_ids.append(longer[0][-1].item())
        added = added + 1

        # read it again and count the words
        text = tokenizer.decode(my_ids)
        words_now = len(text.split())
        if words_now >= words_wanted and text[-1].isspace():
            done = True

    # the space behind the last word is not needed
    if done:
        text = text[:-1]
    return text
