import torch


def choose_next(logits, temperature, top_k, generator):
    # Temperature 0: no randomness, take the id with the highest logit.
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)

    # No top_k keeps all V logits; a top_k above V counts as V.
    vocab_size = logits.size(-1)
    k = vocab_size if top_k is None else min(top_k, vocab_size)

    # Keep exactly the k best logits, sorted from best to worst, with their ids.
    best, best_ids = torch.topk(logits.float(), k, dim=-1)

    # Divide by the temperature. Subtracting the best logit first changes no
    # probability; with the 1e-30 it avoids inf and 0/0 for tiny temperatures.
    best = (best - best[:, :1]) / max(temperature, 1e-30)

    # Softmax over the kept logits only: these probabilities sum to 1.
    best_probs = torch.softmax(best, dim=-1)

    # Put them back at their ids; every other token keeps probability 0.
    probs = torch.zeros_like(logits, dtype=best_probs.dtype)
    probs = probs.scatter(-1, best_ids, best_probs)

    # Draw one id; its shape is (1, 1).
    return torch.multinomial(probs, num_samples=1, generator=generator)


# No gradients are recorded while this function runs.
@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # "not >= 0" is true for negative numbers and also for NaN.
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or more, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")

    block_size = model.config["block_size"]

    # Work on a copy, so the result never shares memory with the caller's tensor.
    ids = ids.clone()

    # Remember the mode of every submodule: some may be in eval mode on purpose.
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        for _ in range(max_new_tokens):
            # The model can see at most block_size ids, so pass only the last ones.
            logits = model(ids[:, -block_size:])

            # (1, T, V) -> (1, V): only the last position predicts the next id.
            next_id = choose_next(logits[:, -1, :], temperature, top_k, generator)

            # cat makes a new tensor that is one id longer.
            ids = torch.cat((ids, next_id), dim=1)
    finally:
        # Restore the modes, even if the model raised an error.
        for module, training in modes:
            module.training = training

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    start_ids = tokenizer.encode(prompt)
    # The model needs at least one id to predict from.
    if len(start_ids) == 0:
        raise ValueError("the prompt must encode to at least one id")

    # Put the ids, as a batch of one, on the device where the model is.
    parameter = next(model.parameters(), None)
    device = None if parameter is None else parameter.device
    ids = torch.tensor([start_ids], dtype=torch.long, device=device)

    # Count from the decoded prompt: decoding may not give back the exact prompt.
    text = tokenizer.decode(ids[0].tolist())
    target_words = len(text.split()) + n_words
    max_new_chars = 30 * max(n_words, 0)
    max_chars = len(text) + max_new_chars

    # A character takes at most 4 byte tokens, so this bound matters only
    # if ids decode to nothing: without it the loop might never end.
    for _ in range(4 * max_new_chars):
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)

        # Decode everything again: one id alone may not be readable text.
        text = tokenizer.decode(ids[0].tolist())

        # A word is finished only when a space (or newline) follows it.
        finished_words = len(text.split())
        if not text[-1:].isspace():
            finished_words -= 1

        # Stop when there are enough finished words, or too many characters.
        if finished_words >= target_words or len(text) >= max_chars:
            break

    # A long last token may pass the character limit: cut there.
    return text[:max_chars]
