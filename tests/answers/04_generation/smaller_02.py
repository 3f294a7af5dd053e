import torch


def choose_next(logits, temperature, top_k, generator):
    # Temperature 0: no randomness, take the id with the highest logit, shape (1, 1).
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)

    # Calculate in float32, also when the model works in half precision.
    logits = logits.float()

    # No top_k means all V ids; a top_k above V counts as V.
    vocab_size = logits.size(-1)
    k = vocab_size if top_k is None else min(top_k, vocab_size)

    # The k best logits, best first, and the ids that they belong to.
    best, best_ids = torch.topk(logits, k, dim=-1)

    # Subtracting the best logit does not change the softmax, but avoids overflow when the
    # temperature is tiny; the 1e-30 keeps it from being rounded to 0 in float32.
    scaled = (best - best[:, :1]) / max(temperature, 1e-30)

    # Put the probabilities back at their ids; every id outside the top k gets probability 0.
    probs = torch.zeros_like(logits).scatter(-1, best_ids, torch.softmax(scaled, dim=-1))

    # Draw one id according to the probabilities, shape (1, 1).
    return torch.multinomial(probs, num_samples=1, generator=generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # Written with "not", because every comparison with NaN is False: this catches NaN too.
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or more, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be 1 or more, got {top_k}")

    block_size = model.config["block_size"]
    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()

    # Remember the mode of every submodule: some may be in eval mode inside a training model.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off.
        model.eval()
        # No gradients: saves memory and time.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # The model sees the last block_size ids only; logits are (1, T, V).
                logits = model(ids[:, -block_size:])
                # The last position predicts the next id: (1, V) -> (1, 1).
                next_id = choose_next(logits[:, -1, :], temperature, top_k, generator)
                # cat builds a new, longer tensor: (1, T) -> (1, T + 1).
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Restore the modes, even if the model raised an error.
        for module, mode in modes:
            module.training = mode

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # The ids must be on the model's device (the default device if it has no parameters).
    device = next((p.device for p in model.parameters()), None)
    # The extra brackets add the batch dimension: (1, T).
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long, device=device)

    # Compare with the decoded prompt, because decoding may not give back the exact prompt.
    start_text = tokenizer.decode(ids[0].tolist())
    text = start_text
    target = len(start_text.split()) + n_words
    max_chars = 30 * n_words

    # Also limit the ids, or ids that decode to no text could keep the loop running forever.
    # A character takes at most 4 ids, even with one id per UTF-8 byte.
    for _ in range(4 * max_chars):
        # One new id at a time, so that the text can be checked after each.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())

        # The last wanted word is complete when a space follows it, or when the next word has begun.
        count = len(text.split())
        complete = count > target or (count == target and text[-1:].isspace())
        # Count only the new characters, not those of the prompt.
        too_long = len(text) - len(start_text) >= max_chars
        if complete or too_long:
            break

    return text
