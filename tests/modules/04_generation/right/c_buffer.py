# sampler.py
# Fixed buffers, explicit lengths.  No allocation of the text inside the loop.

import torch

MAX_CHARS_PER_WORD = 30


def check_args(n_prompt, temperature, top_k):
    if n_prompt <= 0:
        raise ValueError("empty prompt")
    if temperature != temperature or temperature < 0:  # NaN is not equal to itself
        raise ValueError("bad temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("bad top_k")


def pick(row, temperature, top_k, generator):
    """row: float[V].  Returns the index of the chosen entry as a Python int."""
    n_vocab = row.shape[0]

    # temperature 0: no dice
    if temperature == 0:
        return int(row.argmax())

    # the candidates: their scores and their ids side by side
    if top_k is not None and top_k < n_vocab:
        scores, candidates = torch.topk(row, top_k)
    else:
        scores, candidates = row, torch.arange(n_vocab)

    # scale, normalise, throw the dice
    weights = torch.softmax(scores / temperature, 0)
    slot = int(torch.multinomial(weights, 1, generator=generator))
    return int(candidates[slot])


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    n_prompt = ids.shape[1]
    check_args(n_prompt, temperature, top_k)

    n_total = n_prompt + max_new_tokens
    n_block = model.config["block_size"]

    # output buffer: prompt first, then room for the new ids
    out = torch.zeros((1, n_total), dtype=torch.int64, device=ids.device)
    out[:, :n_prompt] = ids

    # what the model is shown: a window of at most n_block ids
    window = ids[:, -n_block:].clone()
    n_window = window.shape[1]

    # save state
    saved_mode = model.training
    saved_grad = torch.is_grad_enabled()
    model.eval()
    torch.set_grad_enabled(False)

    try:
        pos = n_prompt
        while pos < n_total:
            # run the model
            logits = model(window)  # PREDICT: what shape is this for a prompt of 5 ids?

            # last row of the scores
            nxt = pick(logits[0, n_window - 1], temperature, top_k, generator)

            # store
            out[0, pos] = nxt
            pos += 1

            # move the window: widen it while there is room, then shift left by one
            if n_window < n_block:
                n_window += 1
                window = out[:, pos - n_window : pos].clone()
            else:
                window[0, :-1] = window[0, 1:].clone()
                window[0, -1] = nxt
    finally:
        # restore state
        torch.set_grad_enabled(saved_grad)
        model.train(saved_mode)

    return out


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    text_ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    text = tokenizer.decode(text_ids[0].tolist())

    n_goal = len(text.split()) + n_words
    n_left = MAX_CHARS_PER_WORD * n_words

    while n_left > 0:
        # one more character
        text_ids = generate(model, text_ids, 1, temperature, None, generator)
        n_left -= 1

        # enough words?
        text = tokenizer.decode(text_ids[0].tolist())
        n_have = len(text.split())
        if n_have < n_goal:
            continue

        # last one finished?
        if not text[-1].isspace():
            continue

        # cut the space off
        text = text[: len(text) - 1]
        break

    return text
