import torch


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if ids.shape[1] < 1:
        raise ValueError("ids must not be empty")
    if not temperature >= 0:  # also catches NaN
        raise ValueError("temperature must be >= 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be >= 1")

    block_size = model.config["block_size"]
    was_training = model.training
    model.eval()
    try:
        for _ in range(max_new_tokens):
            logits = model(ids[:, -block_size:])[:, -1]  # PREDICT: what shape is this for a prompt of 5 ids?
            if temperature == 0:
                next_id = logits.argmax(-1, keepdim=True)
            else:
                if top_k is not None:
                    kth = logits.topk(min(top_k, logits.shape[-1])).values[:, -1:]
                    logits = logits.masked_fill(logits < kth, float("-inf"))
                probs = torch.softmax(logits / temperature, dim=-1)
                next_id = torch.multinomial(probs, 1, generator=generator)
            ids = torch.cat([ids, next_id], dim=1)
    finally:
        model.train(was_training)
    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    prompt_length = ids.shape[1]
    text = tokenizer.decode(ids[0].tolist())
    target = len(text.split()) + n_words
    while not (text[-1:].isspace() and len(text.split()) >= target) and ids.shape[1] - prompt_length < 30 * n_words:
        ids = generate(model, ids, 1, temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())
    return text.rstrip()
