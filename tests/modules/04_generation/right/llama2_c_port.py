# Style: llama2.c ported by a C programmer: sample_argmax, sample_mult, sample_topk, a coin, a buffer
import math

import torch


class Sampler:
    def __init__(self, temperature, top_k, generator):
        if not (temperature >= 0):
            raise ValueError("temperature < 0")
        if top_k is not None and top_k < 1:
            raise ValueError("top_k < 1")
        self.temperature = temperature
        self.top_k = top_k
        self.generator = generator


def softmax(x):
    max_val = max(x)
    x = [math.exp(v - max_val) for v in x]
    total = sum(x)
    return [v / total for v in x]


def sample_argmax(x):
    max_i = 0
    for i in range(1, len(x)):
        if x[i] > x[max_i]:
            max_i = i
    return max_i


def sample_mult(probabilities, coin):
    cdf = 0.0
    for i in range(len(probabilities)):
        cdf += probabilities[i]
        if coin < cdf:
            return i
    return len(probabilities) - 1  # in case of rounding errors


def sample_topk(probabilities, k, coin):
    # sort indices in descending order of probabilities, truncate, sample from what is left
    probindex = sorted(range(len(probabilities)), key=lambda i: -probabilities[i])[:k]
    cumulative = sum(probabilities[i] for i in probindex)
    r = coin * cumulative
    acc = 0.0
    for i in probindex:
        acc += probabilities[i]
        if r < acc:
            return i
    return probindex[-1]


def sample(sampler, logits):
    if sampler.temperature == 0:
        return sample_argmax(logits)
    probs = softmax([q / sampler.temperature for q in logits])
    coin = torch.rand(1, generator=sampler.generator).item()
    if sampler.top_k is None:
        return sample_mult(probs, coin)
    return sample_topk(probs, sampler.top_k, coin)


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    sampler = Sampler(temperature, top_k, generator)
    seq_len = model.config["block_size"]
    num_prompt_tokens = ids.shape[1]
    steps = num_prompt_tokens + max_new_tokens
    tokens = torch.zeros((1, steps), dtype=torch.int64)
    tokens[:, :num_prompt_tokens] = ids

    was_training = model.training
    model.eval()
    try:
        for pos in range(num_prompt_tokens, steps):
            start = max(0, pos - seq_len)
            logits = model(tokens[:, start:pos])[0, pos - start - 1]
            tokens[0, pos] = sample(sampler, logits.tolist())
    finally:
        model.train(was_training)
    return tokens


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    tokens = torch.tensor([tokenizer.encode(prompt)])
    pieces = [tokenizer.decode(tokens[0].tolist())]
    in_word = not pieces[0].endswith(" ")
    begun = 0
    for _ in range(30 * n_words):
        tokens = generate(model, tokens, 1, temperature, generator=generator)
        piece = tokenizer.decode(tokens[0, -1:].tolist())
        pieces.append(piece)
        if piece != " " and not in_word:
            begun += 1
        in_word = piece != " "
        if begun == n_words and not in_word:
            break
    return "".join(pieces)
