"""Style: in the manner of nanoGPT. One decorated function, top-k by threshold, multinomial."""

import torch
from torch.nn import functional as F


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or more, not {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be 1 or more, not {top_k}")
    was_training = model.training
    model.eval()
    try:
        for _ in range(max_new_tokens):
            # the model cannot look further back than block_size
            idx_cond = ids[:, -model.config["block_size"] :]
            logits = model(idx_cond)[:, -1, :]
            if temperature == 0:
                idx_next = logits.argmax(dim=-1, keepdim=True)
            else:
                logits = logits / temperature
                if top_k is not None:
                    v, _ = torch.topk(logits, min(top_k, logits.size(-1)))
                    logits[logits < v[:, [-1]]] = -float("inf")
                probs = F.softmax(logits, dim=-1)
                idx_next = torch.multinomial(probs, num_samples=1, generator=generator)
            ids = torch.cat((ids, idx_next), dim=1)
    finally:
        model.train(was_training)
    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    start = ids.size(1)
    for _ in range(500 * n_words):
        ids = generate(model, ids, 1, temperature, generator=generator)
        new = tokenizer.decode(ids[0, start:].tolist())
        # the "x" joins a word that is still open, so that only finished words count
        if len((new + "x").split()) > n_words:
            break
    return tokenizer.decode(ids[0].tolist())
