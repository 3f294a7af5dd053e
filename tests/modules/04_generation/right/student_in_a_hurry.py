import torch

LONGEST_WORD = 30


def choose_next(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1, keepdim=True)
    l = logits / temperature
    if top_k is not None:
        k = min(top_k, l.size(-1))
        vals, idx = l.topk(k)
        l = torch.full_like(l, float("-inf")).scatter(-1, idx, vals)
    p = l.softmax(-1)
    return torch.multinomial(p, 1, generator=generator)


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if ids.numel() == 0:
        raise ValueError("no ids")
    if not temperature >= 0:  # nan too
        raise ValueError("bad temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("bad top_k")
    bs = model.config["block_size"]
    mode = model.training
    model.eval()
    try:
        for _ in range(max_new_tokens):
            out = model(ids[:, -bs:])  # PREDICT: what shape is this for a prompt of 5 ids?
            nxt = choose_next(out[:, -1], temperature, top_k, generator)
            ids = torch.cat((ids, nxt), 1)
    finally:
        model.train(mode)
    return ids


def finished_words(text):
    w = text.split()
    if w and not text[-1].isspace():
        w.pop()
    return len(w)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    s = tokenizer.decode(ids[0].tolist())
    goal = len(s.split()) + n_words
    for _ in range(LONGEST_WORD * n_words):
        if finished_words(s) >= goal:
            break
        ids = generate(model, ids, 1, temperature, None, generator)
        s = tokenizer.decode(ids[0].tolist())
    return s.rstrip()
