"""sampler.py: the text generator as a game loop.

State: ids. Each tick: read the camera window, ask the model, roll the loot table, push the drop.
"""

import torch

MAX_TICKS_PER_WORD = 30


def roll(scores, temperature, top_k, rng):
    """Roll the loot table once. scores: (1, V) -> id: (1, 1)"""
    # Luck turned off: always the best item.
    if temperature == 0:
        return torch.argmax(scores, dim=-1, keepdim=True)
    table = scores / temperature
    # Rarity cutoff: items below the top_k best never drop.
    if top_k is not None and top_k < table.size(-1):
        slots = torch.topk(scores, top_k, dim=-1).indices
        table = torch.full_like(table, -torch.inf).scatter(-1, slots, table.gather(-1, slots))
    drop_rates = torch.softmax(table, dim=-1)
    return torch.multinomial(drop_rates, num_samples=1, generator=rng)


class EvalMode:
    """Scoped state: model in eval mode inside, previous mode restored outside."""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.saved = self.model.training
        self.model.eval()

    def __exit__(self, *exc):
        self.model.train(self.saved)


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Run max_new_tokens ticks. (1, T) -> (1, T + max_new_tokens)"""
    # Validate input before the loop starts.
    if ids.size(1) < 1:
        raise ValueError("the game needs a start position: ids is empty")
    if temperature < 0 or temperature != temperature:
        raise ValueError(f"temperature out of range: {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k out of range: {top_k}")
    view_size = model.config["block_size"]
    rng = generator
    with EvalMode(model):
        for tick in range(max_new_tokens):
            camera = ids[:, -view_size:]
            scores = model(camera)[:, -1]  # (1, V)
            drop = roll(scores, temperature, top_k, rng)  # PREDICT: what shape is this for a prompt of 5 ids?
            ids = torch.cat([ids, drop], dim=1)
    return ids


def word_done(text):
    """True when the cursor stands behind a finished word."""
    return text[-1:].isspace()


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Quest: collect n_words more words than the prompt has."""
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    text = tokenizer.decode(ids[0].tolist())
    goal = len(text.split()) + n_words
    # Time limit, or a model without spaces would keep us here forever.
    ticks_left = MAX_TICKS_PER_WORD * n_words
    while ticks_left > 0:
        score = len(text.split())
        if score > goal or (score == goal and word_done(text)):
            break
        ids = generate(model, ids, 1, temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())
        ticks_left -= 1
    return text.rstrip()
