# generation, like in the "let's build GPT" posts, plus whole words
import torch
from torch.nn import functional as F


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # bad settings first. nan is never >= 0 so this gets it as well
    if not temperature >= 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    if ids.size(1) == 0:
        raise ValueError("need at least one token to start from")

    block_size = model.config["block_size"]
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            idx = ids.clone()
            for _ in range(max_new_tokens):
                # if the context gets too long we must crop it at block_size
                idx_cond = idx[:, -block_size:]  # PREDICT: what shape is this for a prompt of 5 ids?
                logits = model(idx_cond)
                # focus only on the last time step
                logits = logits[:, -1, :]  # becomes (1, V)
                if temperature == 0:
                    idx_next = torch.argmax(logits, dim=-1, keepdim=True)
                else:
                    logits = logits / temperature
                    if top_k is not None:
                        best = torch.topk(logits, min(top_k, logits.size(-1)), dim=-1).indices
                        allowed = torch.zeros_like(logits, dtype=torch.bool).scatter(1, best, True)
                        logits = logits.masked_fill(~allowed, -float("Inf"))
                    probs = F.softmax(logits, dim=-1)  # (1, V)
                    idx_next = torch.multinomial(probs, num_samples=1, generator=generator)  # (1, 1)
                # append sampled index to the running sequence
                idx = torch.cat((idx, idx_next), dim=1)  # (1, T+1)
    finally:
        model.train(was_training)
    return idx


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    idx = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    text = tokenizer.decode(idx[0].tolist())
    goal = len(text.split()) + n_words
    for _ in range(30 * n_words):
        idx = generate(model, idx, 1, temperature, generator=generator)
        text = tokenizer.decode(idx[0].tolist())
        # a word is only over when there is a space after it
        if text.endswith(" ") and len(text.split()) >= goal:
            return text[:-1]
    return text
