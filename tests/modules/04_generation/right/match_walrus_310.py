# modern Python 3.10: a match statement picks the strategy, walrus in the loop, scatter for top-k
import math
from functools import partial

import torch
import torch.nn.functional as F


def keep_best(logits, k):
    best = logits.topk(min(k, logits.size(-1)), dim=-1)
    return torch.full_like(logits, -math.inf).scatter(-1, best.indices, best.values)


def draw(logits, *, temperature, generator, k=None):
    if k is not None:
        logits = keep_best(logits, k)
    probs = F.softmax(logits / temperature, dim=-1)
    return probs.multinomial(1, generator=generator)


def strategy(temperature, top_k, generator):
    match temperature, top_k:
        case t, _ if math.isnan(t) or t < 0:
            raise ValueError(f"{temperature=} is not a temperature")
        case _, int(k) if k < 1:
            raise ValueError(f"{top_k=} leaves nothing to choose from")
        case 0, _:
            return partial(torch.argmax, dim=-1, keepdim=True)
        case t, k:
            return partial(draw, temperature=t, generator=generator, k=k)


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    choose = strategy(temperature, top_k, generator)
    size = model.config["block_size"]
    was_training = model.training
    model.eval()
    try:
        for _ in range(max_new_tokens):
            logits = model(ids[:, -size:])
            ids = torch.hstack([ids, choose(logits[:, -1])])
    finally:
        model.train(was_training)
    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)])
    text = tokenizer.decode(ids[0].tolist())
    goal = len(text.split()) + n_words
    budget = 30 * n_words
    while (budget := budget - 1) >= 0 and not (len(text.split()) >= goal and text[-1] == " "):
        ids = generate(model, ids, 1, temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())
    return text
