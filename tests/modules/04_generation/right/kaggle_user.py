# ====================================================
# Library
# ====================================================
import math

import torch


# ====================================================
# CFG
# ====================================================
class CFG:
    max_chars_per_word = 30
    eos_token_id = 2


# ====================================================
# Inference
# ====================================================
@torch.no_grad()
def sample_next(logits, temperature, top_k, generator):
    """logits: (1, V) -> next token id (1, 1)"""
    if temperature == 0:
        return logits.argmax(-1, keepdim=True)
    if top_k is None:
        return torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)
    vals, inds = logits.topk(min(top_k, logits.shape[-1]), dim=-1)
    pred = torch.multinomial((vals / temperature).softmax(-1), 1, generator=generator)
    return inds.gather(-1, pred)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if math.isnan(temperature) or temperature < 0:
        raise ValueError(f"bad temperature: {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"bad top_k: {top_k}")
    if ids.shape[1] < 1:
        raise ValueError("empty input_ids")
    max_len = model.config["block_size"]
    n_prompt = ids.shape[1]

    # preallocate: prompt + room for everything that will be generated
    output_ids = torch.zeros((1, n_prompt + max_new_tokens), dtype=torch.long, device=ids.device)
    output_ids[:, :n_prompt] = ids

    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            for cur in range(n_prompt, n_prompt + max_new_tokens):
                # PREDICT: what shape is this for a prompt of 5 ids?
                input_ids = output_ids[:, max(0, cur - max_len) : cur]
                preds = model(input_ids)  # (1, T, V)
                next_id = sample_next(preds[:, -1], temperature, top_k, generator)
                output_ids[:, cur : cur + 1] = next_id
    finally:
        model.train(training)
    return output_ids


# ====================================================
# Post-processing
# ====================================================
def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    start = text = tokenizer.decode(ids[0].tolist())
    n_chars = 0
    while n_chars < CFG.max_chars_per_word * n_words:
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())
        n_chars += 1
        n_new = len(text.split()) - len(start.split())
        if n_new >= n_words and text[-1] == " ":
            # cut the space after the last word
            text = text.removesuffix(" ")
            break
    return text
