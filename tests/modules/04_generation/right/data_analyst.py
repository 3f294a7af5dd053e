# sampler.py -- draw the next character from a table of scores, append it as a new column, repeat
import math

import torch

LONGEST_WORD = 30


def choose_next(logits, temperature, top_k, generator):
    # logits: one row, one column per id, (1, V)
    n_cols = logits.shape[-1]
    if top_k is not None and not 1 <= top_k <= n_cols:
        raise ValueError(f"top_k must be in 1..{n_cols}, got {top_k}")

    # no randomness wanted: idxmax of the row
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)  # (1, 1)

    scaled = logits / temperature

    # like nlargest: rank every column, rank 0 is the best, and filter
    if top_k is not None:
        order = logits.argsort(dim=-1, descending=True)
        rank = order.argsort(dim=-1)
        scaled = scaled.where(rank < top_k, float("-inf"))

    # scores -> shares, then one weighted sample of the columns
    shares = torch.softmax(scaled, dim=-1)
    return torch.multinomial(shares, 1, generator=generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    n_start = ids.shape[1]
    block_size = model.config["block_size"]

    # validate the inputs first
    if n_start == 0:
        raise ValueError("ids is empty, there is nothing to continue")
    if math.isnan(temperature) or temperature < 0:
        raise ValueError(f"temperature must be >= 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be >= 1, got {top_k}")

    # allocate the full result once: the prompt on the left, empty columns to fill on the right
    n_total = n_start + max_new_tokens
    result = ids.new_zeros((1, n_total))
    result[:, :n_start] = ids

    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            for n in range(n_start, n_total):
                # rolling window over the last block_size filled columns
                first = max(n - block_size, 0)
                window = result[:, first:n]  # PREDICT: what shape is this for a prompt of 5 ids?
                last_row = model(window)[:, -1, :]  # (1, T, V) -> (1, V)
                result[:, n] = choose_next(last_row, temperature, top_k, generator)[:, 0]
    finally:
        model.train(was_training)
    return result


def finished_words(text):
    n = len(text.split())
    # the last one is still open, unless white space closes it
    is_open = n > 0 and not text[-1].isspace()
    return n - int(is_open)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)  # (1, T)
    text = tokenizer.decode(ids[0].tolist())
    target = len(text.split()) + n_words

    # budget of characters, for models that never make a space
    budget = n_words * LONGEST_WORD
    while finished_words(text) < target and budget > 0:
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())
        budget -= 1
    return text.rstrip()
