# style: less usual torch functions: a preallocated buffer, narrow, select, gather, logsumexp, searchsorted; cut at the end
import torch


def draw(scores, temperature, top_k, generator):
    if temperature == 0:
        return scores.max(dim=-1).indices
    order = scores.argsort(dim=-1, descending=True)
    if top_k is not None:
        order = order[:, :top_k]
    ranked = scores.gather(-1, order).div(temperature)
    odds = ranked.sub(ranked.logsumexp(-1, keepdim=True)).exp()
    edges = odds.cumsum(-1)
    dart = torch.rand(edges.shape[0], 1, generator=generator).mul(edges[:, -1:])
    rank = torch.searchsorted(edges, dart, right=True).clamp(max=order.shape[-1] - 1)
    return order.gather(-1, rank).squeeze(-1)


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0.0:
        raise ValueError("temperature")
    if top_k is not None and not top_k >= 1:
        raise ValueError("top_k")
    rows, begin = ids.shape
    total = begin + max_new_tokens
    buffer = ids.new_zeros(rows, total)
    buffer.narrow(1, 0, begin).copy_(ids)
    block = model.config["block_size"]
    mode = model.training
    model.train(False)
    try:
        for end in range(begin, total):
            start = max(0, end - block)
            window = buffer.narrow(1, start, end - start)
            scores = model(window).select(1, -1)
            buffer.select(1, end).copy_(draw(scores, temperature, top_k, generator))
    finally:
        model.train(mode)
    return buffer


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    first = torch.as_tensor(tokenizer.encode(prompt)).unsqueeze(0)
    whole = generate(model, first, 30 * n_words, temperature, generator=generator)
    shown, text = (tokenizer.decode(row.flatten().tolist()) for row in (first, whole))
    goal = len(shown.split()) + n_words
    spots = range(len(shown), len(text))
    ends = (i for i in spots if text[i].isspace() and len(text[:i].split()) == goal)
    return text[: next(ends, len(text))]
