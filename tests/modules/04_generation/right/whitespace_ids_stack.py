"""Style: an ExitStack for clean-up, sets of ids instead of texts, searchsorted on a running sum."""

from contextlib import ExitStack

import torch


def choose(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax()
    probs = torch.softmax(logits.double() / temperature, dim=-1)
    if top_k is not None:
        order = probs.argsort(descending=True)
        probs[order[top_k:]] = 0
    running = probs.cumsum(dim=-1)
    target = torch.rand((), generator=generator, dtype=torch.float64) * running[-1]
    return torch.searchsorted(running, target, right=True)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0:
        raise ValueError(f"temperature should be at least 0, is {temperature}")
    if top_k is not None and not top_k > 0:
        raise ValueError(f"top_k should be at least 1, is {top_k}")
    block_size = model.config["block_size"]
    with ExitStack() as stack:
        stack.callback(model.train, model.training)
        stack.enter_context(torch.no_grad())
        model.eval()
        sequence = ids
        for _ in range(max_new_tokens):
            cropped = sequence[:, max(0, sequence.shape[1] - block_size) :]
            logits = model(cropped)
            token = choose(logits[0, -1], temperature, top_k, generator)
            sequence = torch.cat((sequence, token.view(1, 1)), dim=1)
    return sequence


def blank_ids(tokenizer):
    return {i for i in range(tokenizer.vocab_size) if tokenizer.decode([i]).isspace()}


def generate_words(model, tokenizer, prompt, n_words=10, temperature=1.0, generator=None):
    blanks = blank_ids(tokenizer)
    prompt_ids = tokenizer.encode(prompt)
    story = list(prompt_ids)
    remaining = n_words
    in_word = False
    budget = 250 * n_words
    while remaining > 0 and budget > 0:
        sequence = torch.tensor([story], dtype=torch.int64)
        longer = generate(model, sequence, 1, temperature, generator=generator)
        token = int(longer[0, -1])
        if token in blanks:
            remaining -= in_word
            in_word = False
        else:
            in_word = True
        story.append(token)
        budget -= 1
    return tokenizer.decode(story).rstrip()
