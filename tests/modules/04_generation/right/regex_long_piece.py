"""Style: generate far too much, then cut with a regular expression; match statements."""

import math
import re

import torch

PIECE = 96
PATIENCE = 40


def settings(temperature, top_k):
    match temperature, top_k:
        case t, _ if math.isnan(t) or t < 0:
            raise ValueError("Please choose a temperature of 0 or above.")
        case _, int(k) if k < 1:
            raise ValueError("Please choose a top_k of 1 or above.")
        case _, None:
            return temperature, math.inf
        case _:
            return temperature, top_k


def pick(final, temperature, top_k, generator):
    match temperature:
        case 0:
            return final.argmax(-1)
        case _:
            n_out = max(0, final.shape[-1] - top_k)
            if n_out > 0:
                # the n_out smallest scores are out of the game
                losers = torch.topk(final, n_out, largest=False).indices
                final = final.index_fill(-1, losers, -math.inf)
            chances = torch.exp(torch.log_softmax(final / temperature, dim=-1))
            return torch.multinomial(chances, 1, generator=generator)[0]


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    temperature, top_k = settings(temperature, top_k)
    ids = torch.clone(ids)
    in_training, model_config = model.training, model.config
    try:
        with torch.no_grad():
            model.eval()
            for _ in range(max_new_tokens):
                recent = ids[:, -model_config["block_size"] :]
                final = model(recent)[0, -1, :]
                new = pick(final, temperature, top_k, generator)
                ids = torch.cat([ids, new.reshape(1, 1)], dim=-1)
    finally:
        model.train(in_training)
    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.6, generator=None):
    n_words_and_their_ends = re.compile(r"(\s*\S+(?=\s)){%d}" % n_words)
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    n_prompt = ids.shape[1]
    known = tokenizer.decode(ids[0].tolist())
    for _ in range(PATIENCE):
        ids = generate(model, ids, PIECE, temperature=temperature, generator=generator)
        piece = tokenizer.decode(ids[0, n_prompt:].tolist())
        if found := n_words_and_their_ends.match(piece):
            return known + found.group()
    return known + piece
