# sampling, after the generate() of the "let's build GPT" video
# plus temperature and top_k, and whole words at the end

import torch
from torch.nn import functional as F


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # ids is (1, T): the context so far
    if ids.shape[1] == 0:
        raise ValueError("need at least one token to start from")
    if not temperature >= 0:  # also catches nan
        raise ValueError(f"temperature should be 0 or more, not {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k should be 1 or more, not {top_k}")

    block_size = model.config["block_size"]
    was_training = model.training
    model.eval()
    try:
        for _ in range(max_new_tokens):
            # crop the context to the last block_size tokens
            ids_cond = ids[:, -block_size:]
            # get the predictions
            logits = model(ids_cond)  # (1, T, V)
            # focus only on the last time step
            logits = logits[:, -1, :]  # becomes (1, V)
            if temperature == 0:
                # no dice, just the best one
                id_next = torch.argmax(logits, dim=-1, keepdim=True)  # (1, 1)
            else:
                logits = logits / temperature
                if top_k is not None:
                    best, _ = torch.topk(logits, min(top_k, logits.size(-1)))  # best one first
                    logits = logits.masked_fill(logits < best[:, [-1]], float('-inf'))
                # apply softmax to get probabilities
                probs = F.softmax(logits, dim=-1)  # (1, V)
                # sample from the distribution
                id_next = torch.multinomial(probs, num_samples=1, generator=generator)  # (1, 1)
            # append sampled id to the running sequence
            ids = torch.cat((ids, id_next), dim=1)  # (1, T+1)
    finally:
        model.train(was_training)
    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)  # (1, T)
    text = tokenizer.decode(ids[0].tolist())
    goal = len(text.split()) + n_words

    # one character at a time, but not forever: the model may never make a space
    for _ in range(30 * n_words):
        if len(text.split()) >= goal and text[-1].isspace():
            break
        ids = generate(model, ids, 1, temperature, None, generator)
        text = tokenizer.decode(ids[0].tolist())

    return text.rstrip()
