# Style: lucidrains repositories from memory: exists, eval_decorator, gumbel_sample, scatter_ for top-k
from functools import wraps

import torch

# helpers


def exists(val):
    return val is not None


def eval_decorator(fn):
    @wraps(fn)
    def inner(model, *args, **kwargs):
        was_training = model.training
        model.eval()
        try:
            return fn(model, *args, **kwargs)
        finally:
            model.train(was_training)

    return inner


# sampling helpers


def log(t, eps=1e-20):
    return torch.log(t.clamp(min=eps))


def gumbel_noise(t, generator=None):
    noise = torch.zeros_like(t).uniform_(0, 1, generator=generator)
    return -log(-log(noise))


def gumbel_sample(t, temperature=1.0, generator=None, dim=-1):
    t = t / max(temperature, 1e-10)
    return (t + gumbel_noise(t, generator)).argmax(dim=dim, keepdim=True)


def filter_top_k(logits, k):
    val, ind = logits.topk(min(k, logits.shape[-1]), dim=-1)
    probs = torch.full_like(logits, -torch.finfo(logits.dtype).max)
    probs.scatter_(-1, ind, val)
    return probs


# autoregressive generation


@torch.no_grad()
@eval_decorator
def autoregress(model, out, seq_len, temperature, top_k, generator):
    max_seq_len = model.config["block_size"]
    for _ in range(seq_len):
        x = out[:, -max_seq_len:]
        logits = model(x)[:, -1]
        if exists(top_k):
            logits = filter_top_k(logits, top_k)
        sample = gumbel_sample(logits, temperature, generator=generator)
        out = torch.cat((out, sample), dim=-1)
    return out


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or above, got {temperature}")
    if exists(top_k) and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")
    return autoregress(model, ids.clone(), max_new_tokens, temperature, top_k, generator)


# words


def has_words(text, goal):
    return len(text.split()) >= goal and text[-1:].isspace()


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    out = torch.tensor([tokenizer.encode(prompt)])
    text = tokenizer.decode(out[0].tolist())
    goal = len(text.split()) + n_words
    budget = 30 * n_words

    while budget > 0 and not has_words(text, goal):
        out = generate(model, out, 1, temperature, generator=generator)
        text = tokenizer.decode(out[0].tolist())
        budget -= 1

    return text
