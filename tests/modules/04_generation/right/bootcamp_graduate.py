"""Text generation: ask the model for the next token again and again."""

import torch

MAX_CHARACTERS_PER_WORD = 30


# ---------- guards ----------


def require_prompt(ids):
    if ids.shape[1] == 0:
        raise ValueError("The prompt must hold at least one token.")


def require_valid_temperature(temperature):
    is_valid = temperature >= 0  # NaN is never >= 0
    if not is_valid:
        raise ValueError(f"The temperature must be 0 or more, but got {temperature}.")


def require_valid_top_k(top_k):
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, but got {top_k}.")


# ---------- choosing one token ----------


def pick_best(logits):
    return logits.argmax(dim=-1, keepdim=True)


def keep_best_logits(logits, top_k):
    number_to_keep = min(top_k, logits.shape[-1])
    best_values, best_ids = torch.topk(logits, number_to_keep, dim=-1)
    filtered_logits = torch.full_like(logits, float("-inf"))
    return filtered_logits.scatter(-1, best_ids, best_values)


def to_probabilities(logits, temperature):
    return torch.softmax(logits / temperature, dim=-1)


def choose_next(logits, temperature, top_k, generator):
    """Choose one id: (1, V) -> (1, 1)."""
    if temperature == 0:
        return pick_best(logits)
    if top_k is not None:
        logits = keep_best_logits(logits, top_k)
    probabilities = to_probabilities(logits, temperature)
    return torch.multinomial(probabilities, num_samples=1, generator=generator)


# ---------- choosing many tokens ----------


def visible_part(model, ids):
    block_size = model.config["block_size"]
    return ids[:, -block_size:]


def last_logits(model, ids):
    all_logits = model(visible_part(model, ids))  # PREDICT: what shape is this for a prompt of 5 ids?
    return all_logits[:, -1, :]


def append_token(ids, next_id):
    return torch.cat([ids, next_id], dim=1)


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Continue the ids by max_new_tokens: (1, T) -> (1, T + max_new_tokens)."""
    require_prompt(ids)
    require_valid_temperature(temperature)
    require_valid_top_k(top_k)
    was_training = model.training
    model.eval()
    try:
        for _ in range(max_new_tokens):
            logits = last_logits(model, ids)
            next_id = choose_next(logits, temperature, top_k, generator)
            ids = append_token(ids, next_id)
    finally:
        model.train(was_training)
    return ids


# ---------- choosing whole words ----------


def count_words(text):
    return len(text.split())


def ends_with_space(text):
    return text != "" and text[-1].isspace()


def is_finished(text, target_word_count):
    if ends_with_space(text):
        return count_words(text) >= target_word_count
    return count_words(text) > target_word_count


def to_tensor(ids):
    return torch.tensor([ids], dtype=torch.int64)


def to_text(tokenizer, ids):
    return tokenizer.decode(ids[0].tolist())


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue the prompt by n_words complete words."""
    ids = to_tensor(tokenizer.encode(prompt))
    text = to_text(tokenizer, ids)
    target_word_count = count_words(text) + n_words
    max_new_characters = MAX_CHARACTERS_PER_WORD * n_words
    new_characters = 0
    while new_characters < max_new_characters and not is_finished(text, target_word_count):
        ids = generate(model, ids, 1, temperature, generator=generator)
        text = to_text(tokenizer, ids)
        new_characters += 1
    return text.rstrip()
