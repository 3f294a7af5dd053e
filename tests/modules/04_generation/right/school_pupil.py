# The generator: my model writes letters, one after the other.
import torch


def pick_next(logits, temperature, top_k, generator):
    scores = logits[0].tolist()  # a list with one score for each letter

    # no temperature: search for the biggest score
    if temperature == 0:
        best = 0
        best_score = scores[0]
        for i in range(len(scores)):
            if scores[i] > best_score:
                best = i
                best_score = scores[i]
        return best

    # only the best ones may play
    if top_k is not None and top_k < len(scores):
        in_order = sorted(scores, reverse=True)
        limit = in_order[top_k - 1]
        for i in range(len(scores)):
            if scores[i] < limit:
                scores[i] = float("-inf")

    # draw one, the ones with big scores more often
    chances = torch.softmax(torch.tensor(scores) / temperature, dim=0)
    return torch.multinomial(chances, 1, generator=generator).item()


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if ids.shape[1] == 0:
        raise ValueError("I need at least one letter to start from")
    if temperature < 0 or temperature != temperature:  # only NaN is not the same as itself
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more")

    block_size = model.config["block_size"]
    numbers = ids[0].tolist()
    mode_before = model.training
    model.eval()
    try:
        with torch.no_grad():
            for step in range(max_new_tokens):
                # the model cannot see more than block_size numbers
                start = max(0, len(numbers) - block_size)
                window = torch.tensor([numbers[start:]], device=ids.device)
                logits = model(window)  # PREDICT: what shape is this for a prompt of 5 ids?
                numbers.append(pick_next(logits[:, -1], temperature, top_k, generator))
    finally:
        model.train(mode_before)
    return torch.tensor([numbers], device=ids.device)


def finished_words(text):
    words = text.split()
    # the last word is not finished if there is no space after it
    if len(words) > 0 and not text[-1].isspace():
        return len(words) - 1
    return len(words)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    numbers = tokenizer.encode(prompt)
    text = tokenizer.decode(numbers)
    wanted = len(text.split()) + n_words
    letters = 0
    while finished_words(text) < wanted and letters < 30 * n_words:
        longer = generate(model, torch.tensor([numbers]), 1, temperature, None, generator)
        numbers = longer[0].tolist()
        text = tokenizer.decode(numbers)
        letters = letters + 1
    return text.rstrip()
