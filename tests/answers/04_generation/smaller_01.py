import torch


def choose_next(logits, temperature, top_k, generator):
    # Temperature 0: no chance involved, take the id of the highest logit; keepdim gives (1, 1).
    if temperature == 0:
        return torch.argmax(logits, dim=-1, keepdim=True)

    # Low temperature stretches the gaps between logits, high temperature shrinks them.
    # Subtracting the maximum does not change the softmax, but keeps a tiny temperature from overflowing.
    scores = (logits - logits.max(dim=-1, keepdim=True).values) / temperature

    if top_k is not None:
        # The ids of the top_k best logits; a top_k above V counts as V.
        best = torch.topk(logits, min(top_k, logits.size(-1)), dim=-1).indices
        # True for every id that is not among the best.
        dropped = torch.ones_like(logits, dtype=torch.bool).scatter(-1, best, False)
        # A score of -inf becomes probability 0 in the softmax.
        scores = scores.masked_fill(dropped, float("-inf"))

    # Scores (1, V) -> probabilities (1, V) that sum to 1.
    probs = torch.softmax(scores, dim=-1)
    # Draw one id with these probabilities; the shape is (1, 1).
    return torch.multinomial(probs, num_samples=1, generator=generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # "not >= 0" also catches NaN, because every comparison with NaN is False.
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or more, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1 or None, got {top_k}")

    block_size = model.config["block_size"]
    # Remember the mode of every submodule: some may be in eval mode while the rest trains.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off.
        model.eval()
        # No gradients: saves memory and time.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # The model sees at most the last block_size ids; the logits are (1, t, V).
                logits = model(ids[:, -block_size:])
                # Only the last position predicts the id that comes next.
                next_id = choose_next(logits[:, -1, :], temperature, top_k, generator)
                # torch.cat builds a new tensor, so the caller's ids stay as they were.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Runs after an error too, so the model always gets its old mode back.
        for module, mode in modes:
            module.training = mode
    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # The ids must be on the same device as the model (CPU if it has no parameters).
    parameter = next(model.parameters(), None)
    device = parameter.device if parameter is not None else "cpu"
    # The outer list adds the batch dimension: (1, T).
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long, device=device)

    # Compare with the decoded prompt, which may differ from the prompt itself.
    prompt_text = tokenizer.decode(ids[0].tolist())
    prompt_words = len(prompt_text.split())
    max_chars = 30 * n_words
    text = prompt_text

    # Also at most max_chars ids, so that ids that decode to nothing cannot loop forever.
    for _ in range(max_chars):
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        # Decode everything again: one id alone is not always a whole character.
        text = tokenizer.decode(ids[0].tolist())
        new_words = len(text.split()) - prompt_words
        # Word n_words is complete if another word has begun after it, or if the text ends in a space.
        if new_words > n_words or (new_words == n_words and text[-1:].isspace()):
            break
        # The limit for a model that writes no spaces.
        if len(text) - len(prompt_text) >= max_chars:
            break
    return text
