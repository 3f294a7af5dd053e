"""Style: generator functions. An endless stream of tokens, cut with itertools."""

from itertools import islice, takewhile

import torch


@torch.no_grad()
def _next_logits(model, seen):
    was_training = model.training
    model.eval()
    try:
        return model(seen[:, -model.config["block_size"] :])[0, -1]
    finally:
        model.train(was_training)


def _pick(logits, temperature, top_k, generator):
    """Sort the candidates, cut the list off, then see where a random number falls."""
    values, indices = logits.double().sort(descending=True)
    if temperature == 0:
        return indices[:1]
    chances = (values[:top_k] / temperature).softmax(-1)
    edges = chances.cumsum(-1)
    dart = torch.rand(1, generator=generator, dtype=torch.double) * edges[-1]
    place = torch.searchsorted(edges, dart, right=True).clamp(max=len(edges) - 1)
    return indices[place]


def _stream(model, ids, temperature, top_k, generator):
    """Yield one new token (shape (1,)) after the other, without an end."""
    seen = ids
    while True:
        token = _pick(_next_logits(model, seen), temperature, top_k, generator)
        seen = torch.cat([seen, token[None]], dim=1)
        yield token


def _validated_stream(model, ids, temperature, top_k, generator):
    if not (temperature >= 0):
        raise ValueError(f"a temperature of {temperature} makes no sense")
    if top_k is not None and not (top_k >= 1):
        raise ValueError(f"the best {top_k} of the vocabulary leave nothing to choose from")
    return _stream(model, ids, temperature, top_k, generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    stream = _validated_stream(model, ids, temperature, top_k, generator)
    new = [token[None] for token in islice(stream, max_new_tokens)]
    return torch.cat([ids, *new], dim=1)


def _words(characters):
    """Yield the words of a stream of characters, each with the white space before it."""
    word = ""
    for character in characters:
        if character.isspace() and word.strip():
            yield word
            word = ""
        word += character


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.9, generator=None):
    prompt_ids = tokenizer.encode(prompt)
    ids = torch.tensor(prompt_ids, dtype=torch.int64).view(1, -1)
    tokens = _validated_stream(model, ids, temperature, None, generator)
    characters = (tokenizer.decode(token.tolist()) for token in islice(tokens, 999 * n_words))
    numbered = enumerate(_words(characters))
    more = [word for _, word in takewhile(lambda pair: pair[0] < n_words, numbered)]
    return tokenizer.decode(prompt_ids) + "".join(more)
