# style: OpenAI's gpt-2/src/sample.py, ported from TensorFlow 1 to PyTorch from memory
import math

import torch


def top_k_logits(logits, k):
    if k is None:
        # no truncation
        return logits

    values, _ = torch.topk(logits, min(k, logits.shape[-1]))
    min_values = values[:, -1, None]
    return torch.where(
        logits < min_values,
        torch.ones_like(logits) * -1e10,
        logits,
    )


def sample_sequence(*, step, n_ctx, length, context, temperature=1, top_k=None, generator=None):
    total = context.shape[1] + length

    def body(prev, output):
        logits = step(prev)[:, -1, :]
        if temperature == 0:
            samples = logits.argmax(dim=-1, keepdim=True)
        else:
            logits = logits / float(temperature)
            logits = top_k_logits(logits, k=top_k)
            weights = logits.softmax(dim=-1)
            samples = torch.multinomial(weights, num_samples=1, generator=generator)
        output = torch.cat([output, samples], dim=1)
        return output[:, -n_ctx:], output

    def cond(prev, output):
        return output.shape[1] < total

    loop_vars = (context[:, -n_ctx:], context)
    while cond(*loop_vars):
        loop_vars = body(*loop_vars)
    _, tokens = loop_vars
    return tokens


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("Can't sample at temperature %s" % temperature)
    if top_k is not None and top_k <= 0:
        raise ValueError("Can't keep the best %s" % top_k)

    mode = model.training
    model.eval()
    tokens = sample_sequence(
        step=model,
        n_ctx=model.config["block_size"],
        length=max_new_tokens,
        context=ids,
        temperature=temperature,
        top_k=top_k,
        generator=generator,
    )
    model.train(mode)
    return tokens


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    context_tokens = tokenizer.encode(prompt)
    text = tokenizer.decode(context_tokens)
    goal = len(text.split()) + n_words
    out = torch.tensor([context_tokens], dtype=torch.int64)
    for _ in range(30 * n_words):
        out = generate(model, out, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(out[0].tolist())
        if text.endswith(" ") and len(text.split()) >= goal:
            break
    return text
