"""
Sample from a trained model. Minimal, much like generate() in nanoGPT.
"""

import torch
from torch.nn import functional as F


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # sanity checks
    if not temperature >= 0:
        raise ValueError(f"temperature must be >= 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be >= 1, got {top_k}")
    if ids.size(1) == 0:
        raise ValueError("need at least one token to condition on")

    block_size = model.config["block_size"]
    was_training = model.training
    model.eval()
    try:
        idx = ids.clone()
        for _ in range(max_new_tokens):
            # if the sequence context is growing too long we must crop it at block_size
            idx_cond = idx if idx.size(1) <= block_size else idx[:, -block_size:]
            # forward the model to get the logits for the index in the sequence
            logits = model(idx_cond)
            # pluck the logits at the final step
            logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?
            if temperature == 0:
                # greedy
                idx_next = torch.argmax(logits, dim=-1, keepdim=True)
            else:
                # scale by desired temperature
                logits = logits / temperature
                # optionally crop the logits to only the top k options
                if top_k is not None:
                    v, _ = torch.topk(logits, min(top_k, logits.size(-1)))
                    logits = logits.masked_fill(logits < v[:, [-1]], -float("Inf"))
                # apply softmax to convert logits to (normalized) probabilities
                probs = F.softmax(logits, dim=-1)
                # sample from the distribution
                idx_next = torch.multinomial(probs, num_samples=1, generator=generator)
            # append sampled index to the running sequence and continue
            idx = torch.cat((idx, idx_next), dim=1)
        return idx
    finally:
        model.train(was_training)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    enc, dec = tokenizer.encode, tokenizer.decode
    x = torch.tensor(enc(prompt), dtype=torch.long)[None, ...]
    text = dec(x[0].tolist())
    target = len(text.split()) + n_words
    # one character at a time, until the last wanted word is closed by a space
    for _ in range(30 * n_words):
        x = generate(model, x, 1, temperature=temperature, generator=generator)
        text = dec(x[0].tolist())
        if text[-1].isspace() and len(text.split()) >= target:
            return text[:-1]
    return text
