# Style: gpt-fast from memory: logits_to_probs, exponential race instead of multinomial, buffer, stop callback.
from typing import Callable, Optional

import torch


def multinomial_sample_one_no_sync(probs, generator):  # multinomial sampling without a cuda synchronization
    q = torch.empty_like(probs).exponential_(1, generator=generator)
    return torch.argmax(probs / q, dim=-1)

def logits_to_probs(logits, temperature: float, top_k: Optional[int]):
    logits = logits / temperature
    if top_k is not None:
        v, _ = torch.topk(logits, min(top_k, logits.size(-1)))
        pivot = v.select(-1, -1).unsqueeze(-1)
        logits = torch.where(logits < pivot, -float("Inf"), logits)
    return torch.nn.functional.softmax(logits, dim=-1)

def sample(logits, temperature: float, top_k: Optional[int], generator):
    last = logits[:, -1]
    if temperature == 0:
        return torch.argmax(last, dim=-1)
    return multinomial_sample_one_no_sync(logits_to_probs(last, temperature, top_k), generator)

def decode_n_tokens(model, seq, input_pos: int, num_new_tokens: int, callback: Callable, **sampling_kwargs):
    window = model.config["block_size"]
    for _ in range(num_new_tokens):
        x = seq[:, max(0, input_pos - window):input_pos]
        seq[:, input_pos] = sample(model(x), **sampling_kwargs)
        input_pos += 1
        if callback(seq[:, :input_pos]):
            break
    return seq[:, :input_pos]

@torch.no_grad()
def run(model, prompt, max_new_tokens: int, callback: Callable, **sampling_kwargs):
    # create an empty tensor of the expected final shape and fill in the current tokens
    B, T = prompt.shape
    T_new = T + max_new_tokens
    seq = torch.zeros((B, T_new), dtype=prompt.dtype, device=prompt.device)
    seq[:, :T] = prompt
    training = model.training
    try:
        model.eval()
        return decode_n_tokens(model, seq, T, max_new_tokens, callback, **sampling_kwargs)
    finally:
        model.train(training)

def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if temperature < 0 or temperature != temperature:
        raise ValueError(f"temperature {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k {top_k}")
    go_on = lambda seq: False
    return run(model, ids, max_new_tokens, go_on, temperature=temperature, top_k=top_k, generator=generator)

def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    encoded = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    words_before = len(tokenizer.decode(encoded[0].tolist()).split())

    def all_words_complete(seq):
        text = tokenizer.decode(seq[0].tolist())
        return text.endswith(" ") and len(text.split()) >= words_before + n_words

    sampling_kwargs = dict(temperature=temperature, top_k=None, generator=generator)
    y = run(model, encoded, 30 * n_words, all_words_complete, **sampling_kwargs)
    return tokenizer.decode(y[0].tolist())
