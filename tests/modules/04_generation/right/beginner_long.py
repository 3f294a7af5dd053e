# my sampler, loop 4
import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # first I look if the numbers make sense
    if temperature != temperature:
        raise ValueError("temperature is not a number")
    if temperature < 0:
        raise ValueError("temperature is too small")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k is too small")

    # a normal list is easier for me than a tensor
    numbers = ids[0].tolist()
    if len(numbers) == 0:
        raise ValueError("I need at least one id")

    # write down how everything was
    training_before = model.training
    grad_before = torch.is_grad_enabled()
    model.eval()
    torch.set_grad_enabled(False)

    try:
        made = 0
        while made < max_new_tokens:
            # the model can only see the last block_size numbers
            window = []
            first = len(numbers) - model.config["block_size"]
            if first < 0:
                first = 0
            for place in range(first, len(numbers)):
                window.append(numbers[place])

            # ask the model
            answer = model(torch.tensor([window]))
            # PREDICT: what shape is this for a prompt of 5 ids?
            scores = answer[0, len(window) - 1].tolist()

            if temperature == 0:
                # look for the biggest score
                chosen = 0
                for place in range(len(scores)):
                    if scores[place] > scores[chosen]:
                        chosen = place
            else:
                # which places may take part?
                allowed = []
                if top_k is None or top_k >= len(scores):
                    for place in range(len(scores)):
                        allowed.append(place)
                else:
                    for round_number in range(top_k):
                        best = None
                        for place in range(len(scores)):
                            if place in allowed:
                                continue
                            if best is None or scores[place] > scores[best]:
                                best = place
                        allowed.append(best)

                # divide by the temperature, the others get minus infinity
                warm = []
                for place in range(len(scores)):
                    if place in allowed:
                        warm.append(scores[place] / temperature)
                    else:
                        warm.append(float("-inf"))

                # draw one
                chances = torch.softmax(torch.tensor(warm), dim=0)
                chosen = torch.multinomial(chances, 1, generator=generator).item()

            numbers.append(chosen)
            made = made + 1
    finally:
        # put everything back
        torch.set_grad_enabled(grad_before)
        model.train(training_before)

    return torch.tensor([numbers])


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    numbers = tokenizer.encode(prompt)
    text = tokenizer.decode(numbers)
    words_before = len(text.split())

    added = 0
    finished = False
    while not finished and added < 30 * n_words:
        # one more letter
        longer = generate(
            model, torch.tensor([numbers], dtype=torch.int64), 1, temperature, None, generator
        )
        numbers = longer[0].tolist()
        added = added + 1
        text = tokenizer.decode(numbers)

        # do we have all the words?
        new_words = len(text.split()) - words_before
        if new_words >= n_words:
            if text[len(text) - 1] == " ":
                finished = True

    # no space at the end please
    if finished:
        text = text[0 : len(text) - 1]
    return text
