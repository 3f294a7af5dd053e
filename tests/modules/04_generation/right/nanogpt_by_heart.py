"""
Sample from a trained model
"""

import torch
from torch.nn import functional as F


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """
    Take a conditioning sequence of indices ids (LongTensor of shape (1,t)) and complete
    the sequence max_new_tokens times, feeding the predictions back into the model each time.
    """
    if ids.size(1) == 0:
        raise ValueError("need at least one token to condition on")
    if not temperature >= 0.0: # also catches nan
        raise ValueError(f"bad temperature {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"bad top_k {top_k}")
    block_size = model.config["block_size"]
    was_training = model.training
    model.eval()
    try:
        for _ in range(max_new_tokens):
            # if the sequence context is growing too long we must crop it at block_size
            idx_cond = ids if ids.size(1) <= block_size else ids[:, -block_size:]
            # forward the model to get the logits for the index in the sequence
            logits = model(idx_cond)
            # pluck the logits at the final step
            logits = logits[:, -1, :]
            if temperature == 0.0:
                # greedy
                _, idx_next = torch.topk(logits, k=1, dim=-1)
            else:
                # scale by desired temperature
                logits = logits / temperature
                # optionally crop the logits to only the top k options
                if top_k is not None:
                    v, _ = torch.topk(logits, min(top_k, logits.size(-1)))
                    logits[logits < v[:, [-1]]] = -float('Inf')
                # apply softmax to convert logits to (normalized) probabilities
                probs = F.softmax(logits, dim=-1)
                # sample from the distribution
                idx_next = torch.multinomial(probs, num_samples=1, generator=generator)
            # append sampled index to the running sequence and continue
            ids = torch.cat((ids, idx_next), dim=1)
    finally:
        model.train(was_training)
    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    encode, decode = tokenizer.encode, lambda t: tokenizer.decode(t[0].tolist())
    x = torch.tensor(encode(prompt), dtype=torch.long)[None, ...]
    text = decode(x)
    target = len(text.split()) + n_words
    n = x.size(1)
    for _ in range(n, n + 30 * n_words): # a model may never emit a space
        # done once all words are there and whitespace closes the last one
        if len(text.split()) >= target and text[-1].isspace():
            break
        x = generate(model, x, 1, temperature=temperature, generator=generator)
        text = decode(x)
    return text.rstrip()
