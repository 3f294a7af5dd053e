# Style: old-fashioned. Space is reserved first, indexes count up in while loops, names are short.
import torch


def chk(temperature, top_k):
    ok = temperature == 0 or temperature > 0
    if not ok:
        raise ValueError("temperature out of range")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k out of range")


def draw(row, temperature, top_k, generator):
    srt = torch.sort(row, descending=True)
    if temperature == 0:
        return srt.indices[0]
    n = row.shape[0]
    if top_k is not None and top_k < n:
        n = top_k
    e = torch.zeros(n, dtype=torch.float64)
    i = 0
    while i < n:
        e[i] = torch.exp((srt.values[i] - srt.values[0]) / temperature)
        i += 1
    r = torch.rand(1, generator=generator, dtype=torch.float64) * e.sum()
    i = 0
    acc = e[0].clone()
    while acc <= r and i < n - 1:
        i += 1
        acc += e[i]
    return srt.indices[i]


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    chk(temperature, top_k)
    bs = model.config["block_size"]
    t = ids.shape[1]
    end = t + max_new_tokens
    buf = torch.zeros((1, end), dtype=torch.int64)
    buf[0, :t] = ids[0]
    old_mode = model.training
    old_grad = torch.is_grad_enabled()
    try:
        model.eval()
        torch.set_grad_enabled(False)
        while t < end:
            lo = t - bs
            if lo < 0:
                lo = 0
            out = model(buf[:, lo:t])
            buf[0, t] = draw(out[0, t - lo - 1], temperature, top_k, generator)
            t += 1
    finally:
        torch.set_grad_enabled(old_grad)
        model.train(old_mode)
    return buf


def generate_words(model, tokenizer, prompt, n_words=10, temperature=1.0, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    s = tokenizer.decode(ids[0].tolist())
    start = len(s)
    pos = start
    limit = start + 640 * n_words
    count = 0
    # count the places where a blank comes after a new letter
    while count < n_words and pos < limit:
        if pos == len(s):
            ids = generate(model, ids, 8, temperature, None, generator)
            s = tokenizer.decode(ids[0].tolist())
        if pos > start and s[pos].isspace() and not s[pos - 1].isspace():
            count += 1
        pos += 1
    return s[:pos]
