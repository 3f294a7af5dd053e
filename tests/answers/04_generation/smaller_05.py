import torch


def choose_next(logits, temperature, top_k, generator):
    # Temperature 0 means greedy: no chance involved, take the highest logit.
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    vocab_size = logits.size(-1)
    # No top_k keeps everything; a top_k above V counts as V.
    k = vocab_size if top_k is None else min(top_k, vocab_size)
    # Exactly k logits, best first (float32, so that half precision cannot overflow).
    best, best_ids = torch.topk(logits.float(), k, dim=-1)
    # Divide by the temperature. Subtracting the best logit first leaves the softmax
    # unchanged; with the floor of 1e-30, a tiny temperature cannot give NaN.
    best = (best - best[:, :1]) / max(temperature, 1e-30)
    # Put the kept logits back at their own ids; all others are -inf, so probability 0.
    scaled = torch.full_like(logits, float("-inf"), dtype=best.dtype)
    scaled = scaled.scatter(1, best_ids, best)
    # Scores become probabilities that sum to 1.
    probs = torch.softmax(scaled, dim=-1)
    # Draw one id, shape (1, 1); a generator of None uses PyTorch's global one.
    return torch.multinomial(probs, num_samples=1, generator=generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # Written with "not" so that NaN is refused too: every comparison with NaN is False.
    if not temperature >= 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be None or at least 1")
    # A copy, so that the result never shares memory with the caller's tensor.
    ids = ids.clone()
    block_size = model.config["block_size"]
    # Remember the mode of every submodule: some may be in eval inside a training model.
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # The model cannot see more than block_size ids, so pass only the last ones.
                logits = model(ids[:, -block_size:])
                # Only the last position predicts the next token: (1, T, V) -> (1, V).
                next_id = choose_next(logits[:, -1, :], temperature, top_k, generator)
                # cat builds a new tensor of length T + 1.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Restore the modes, even if the model raised an error.
        for module, mode in modes:
            module.training = mode
    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    prompt_ids = tokenizer.encode(prompt)
    # With no id at all, the model has no position to predict from.
    if len(prompt_ids) == 0:
        raise ValueError("the prompt must encode to at least one id")
    # The ids must be on the model's device (default device if it has no parameters).
    device = next((p.device for p in model.parameters()), None)
    ids = torch.tensor([prompt_ids], dtype=torch.long, device=device)
    # Compare with the decoded prompt: it can differ from the prompt that was given.
    text = tokenizer.decode(ids[0].tolist())
    start_words = len(text.split())
    start_chars = len(text)
    max_chars = 30 * n_words
    # A UTF-8 character has at most 4 bytes, so 4 ids per character are enough even for
    # a byte tokenizer; the loop also ends if the new ids decode to nothing.
    for _ in range(4 * max_chars):
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        # Decode all ids again: one id alone may be only a part of a character.
        text = tokenizer.decode(ids[0].tolist())
        new_words = len(text.split()) - start_words
        # One word too many: the n-th word already has a space after it.
        if new_words > n_words:
            break
        # The n-th word is complete only once a space follows it.
        if new_words == n_words and text[-1:].isspace():
            break
        # Safety stop for a model that writes no spaces.
        if len(text) - start_chars >= max_chars:
            break
    return text
