import torch


def choose_next(logits, temperature, top_k, generator):
    """Choose one id, shape (1, 1), from logits of shape (1, V)."""
    # Temperature 0 means greedy: no randomness, and no division by zero.
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)

    # float32, so that a half-precision model does not lose small probabilities.
    logits = logits.float()

    # No top_k, or one above V, means: keep all V logits.
    vocab_size = logits.shape[-1]
    k = vocab_size if top_k is None else min(top_k, vocab_size)

    # The k best logits, highest first, and their ids; exactly k, even with ties.
    best, best_ids = torch.topk(logits, k, dim=-1)

    # Subtracting the highest logit leaves the softmax unchanged, but avoids
    # an overflow when the temperature is very small.
    scaled = (best - best[:, :1]) / temperature

    # Put the k probabilities back at their ids; all other ids get probability 0.
    probs = torch.zeros_like(logits).scatter(-1, best_ids, torch.softmax(scaled, dim=-1))

    # Draw one id; the generator, if given, makes the draw repeatable.
    return torch.multinomial(probs, num_samples=1, generator=generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Extend ids from (1, T) to (1, T + max_new_tokens)."""
    # "not >= 0" catches negative values and also NaN, as any comparison with NaN is False.
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or more, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be None or at least 1, got {top_k}")

    block_size = model.config["block_size"]

    # Work on a copy, so that the result never shares memory with the caller's tensor.
    ids = ids.clone()

    # Remember the mode of every submodule: some may be in eval mode on purpose.
    modes = [(module, module.training) for module in model.modules()]

    try:
        # Eval mode switches dropout off.
        model.eval()
        # Without gradients, PyTorch stores nothing for a backward pass.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # The model cannot see more than block_size ids: give it the last ones.
                logits = model(ids[:, -block_size:])
                # Only the last position predicts the id that comes next: (1, V).
                next_id = choose_next(logits[:, -1, :], temperature, top_k, generator)
                # cat builds a new tensor, one id longer.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Restore the modes, even if the model raised an error.
        for module, was_training in modes:
            module.training = was_training

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue the prompt by n_words words; return the whole decoded text."""
    # The ids must be on the same device as the model (CPU if it has no parameters).
    device = next((p.device for p in model.parameters()), torch.device("cpu"))

    # The extra brackets add the batch dimension: (1, T).
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long, device=device)
    if ids.shape[1] == 0:
        raise ValueError("the prompt must encode to at least one id")

    # Compare with the decoded prompt, which may differ from the prompt itself.
    start = tokenizer.decode(ids[0].tolist())
    start_words = len(start.split())
    text = start

    # The limit counts new characters only. It also limits the number of ids, so
    # that the loop ends even if some ids decode to no text.
    max_chars = 30 * n_words

    for _ in range(max_chars):
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)

        # Decode everything again: some ids make sense only with their neighbours.
        text = tokenizer.decode(ids[0].tolist())
        new_words = len(text.split()) - start_words

        # Word n_words is complete if whitespace ends the text, or if one id
        # brought both the whitespace and the start of the next word.
        complete = new_words > n_words or (new_words == n_words and text[-1:].isspace())
        if complete or len(text) - len(start) >= max_chars:
            break

    return text
