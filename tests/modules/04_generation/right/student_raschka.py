# style: a student, every small step in a variable of its own, after Raschka's book (idx_cond, torch.where, min_val)
import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # check the numbers first
    if temperature != temperature:
        raise ValueError("temperature is not a number")
    if temperature < 0:
        raise ValueError("temperature is negative")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k is too small")
    context_size = model.config["block_size"]
    old_mode = model.training
    model.eval()
    idx = ids
    for step in range(max_new_tokens):
        # the model can not see more than this
        idx_cond = idx[:, -context_size:]
        with torch.no_grad():
            logits = model(idx_cond)
        # last time step
        logits = logits[:, -1, :]
        if top_k is not None:
            vocab = logits.shape[-1]
            k = min(top_k, vocab)
            top_logits, top_places = torch.topk(logits, k)
            min_val = top_logits[:, -1:]
            too_low = logits < min_val
            minus_inf = torch.full_like(logits, float("-inf"))
            logits = torch.where(too_low, minus_inf, logits)
        if temperature > 0.0:
            logits = logits / temperature
            probs = torch.softmax(logits, dim=-1)
            idx_next = torch.multinomial(probs, num_samples=1, generator=generator)
        else:
            idx_next = torch.argmax(logits, dim=-1, keepdim=True)
        idx = torch.cat((idx, idx_next), dim=1)
    if old_mode == True:
        model.train()
    return idx


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids_list = tokenizer.encode(prompt)
    # the prompt like the tokenizer sees it
    text = tokenizer.decode(ids_list)
    words_before = len(text.split())
    words_wanted = words_before + n_words
    ids = torch.tensor(ids_list)
    ids = ids.unsqueeze(0)
    chars = 0
    limit = 30 * n_words
    finished = n_words == 0
    while not finished:
        ids = generate(model, ids, 1, temperature, None, generator)
        chars = chars + 1
        flat = ids.squeeze(0)
        text = tokenizer.decode(flat.tolist())
        words_now = len(text.split())
        last_char = text[-1]
        if words_now >= words_wanted and last_char == " ":
            finished = True
        if chars >= limit:
            finished = True
    return text
