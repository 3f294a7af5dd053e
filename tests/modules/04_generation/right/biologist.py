"""Growth of a text, cell by cell.

The model says how fit each possible next character is. Selection and chance choose one,
and it is added at the growing tip.
"""

import torch

LONGEST_WORD = 30


def select(fitness, temperature, top_k, generator):
    """Choose one id from the fitness (logits) of all ids, (1, V) -> (1, 1)."""
    # In the cold, only the fittest survives.
    if temperature == 0:
        return fitness.argmax(dim=-1, keepdim=True)
    # Warmth makes fitness differences smaller.
    pressure = fitness / temperature
    if top_k is not None:
        # Only the top_k fittest reproduce, the others die out.
        survivors = fitness.topk(min(top_k, fitness.shape[-1]), dim=-1).indices
        extinct = torch.ones_like(fitness, dtype=torch.bool).scatter(-1, survivors, False)
        pressure = pressure.masked_fill(extinct, float("-inf"))
    odds = torch.softmax(pressure, dim=-1)
    return torch.multinomial(odds, 1, generator=generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Let a text (1, T) grow to (1, T + max_new_tokens)."""
    # Conditions under which nothing grows.
    if ids.shape[1] == 0:
        raise ValueError("nothing grows from nothing: ids must hold at least one id")
    if not temperature >= 0:
        raise ValueError(f"temperature must be 0 or more, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"at least one must survive, got top_k={top_k}")
    field_of_view = model.config["block_size"]
    awake = model.training
    model.eval()
    organism = ids
    try:
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # The model sees the tip of the organism only, at most its field of view.
                tip = organism[:, -field_of_view:]
                fitness = model(tip)[:, -1, :]  # (1, T, V) -> (1, V)
                # PREDICT: what shape is this for a prompt of 5 ids?
                cell = select(fitness, temperature, top_k, generator)
                organism = torch.cat((organism, cell), dim=1)
    finally:
        model.train(awake)
    return organism


def _mature(text):
    """Number of words that are complete: a space follows them."""
    words = text.split()
    still_growing = bool(words) and not text[-1].isspace()
    return len(words) - still_growing


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Let the prompt grow by n_words complete words."""
    genome = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    # What the genome looks like from outside.
    phenotype = tokenizer.decode(genome[0].tolist())
    target = len(phenotype.split()) + n_words
    lifespan = LONGEST_WORD * n_words
    age = 0
    while age < lifespan and _mature(phenotype) < target:
        genome = generate(model, genome, 1, temperature, generator=generator)
        phenotype = tokenizer.decode(genome[0].tolist())
        age += 1
    return phenotype.rstrip()
