"""Style: inference_mode as a decorator; pieces in a list; draws among the best only."""

import torch


def _require(temperature, top_k):
    if not (temperature >= 0.0):
        raise ValueError(f"temperature = {temperature}, but it must be zero or positive")
    if top_k is not None and top_k <= 0:
        raise ValueError(f"top_k = {top_k}, but it must be positive")


@torch.inference_mode()
def _continue(model, ids, n, temperature, top_k, generator):
    block_size = model.config["block_size"]
    pieces = [ids]
    context = ids[:, -block_size:]
    for _ in range(n):
        logits = model(context)[:, -1]
        # candidates come out best first
        n_candidates = min(top_k or logits.shape[-1], logits.shape[-1])
        scores, candidates = torch.topk(logits, n_candidates)
        drawn = torch.multinomial((scores / temperature).softmax(-1), 1, generator=generator)
        drawn = candidates.gather(-1, drawn)
        pieces.append(drawn)
        context = torch.cat((context, drawn), dim=1)[:, -block_size:]
    return torch.cat(pieces, dim=1)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    _require(temperature, top_k)
    if temperature == 0.0:
        # greedy is a lottery with a single ticket
        temperature, top_k = 1.0, 1
    training = model.training
    model.eval()
    try:
        return _continue(model, ids, max_new_tokens, temperature, top_k, generator)
    finally:
        model.train(training)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=1.0, generator=None):
    ids = torch.tensor(tokenizer.encode(prompt), dtype=torch.long)[None, :]
    beginning = tokenizer.decode(ids[0].tolist())
    sequel = ""
    while len(sequel) < 400 * n_words:
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        sequel = tokenizer.decode(ids[0].tolist()).removeprefix(beginning)
        if sequel[-1].isspace() and len(sequel.split()) == n_words:
            break
    return (beginning + sequel).rstrip()
