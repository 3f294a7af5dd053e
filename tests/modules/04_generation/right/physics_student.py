"""Text as a stochastic process: each next id is drawn from a Boltzmann distribution.

    E_i = -logit_i                energy of state i
    p_i = exp(-E_i / T) / Z       (k_B = 1)
    Z   = sum_i exp(-E_i / T)     partition function
"""

import torch

MAX_STEPS_PER_WORD = 30


def sample_state(E, T, n_levels=None, rng=None):
    """Draw one state from the canonical ensemble: energies (1, V) -> state (1, 1)."""
    # T -> 0: the system sits in its ground state
    if T == 0:
        return E.argmin(dim=-1, keepdim=True)
    # all states, or only the lowest levels: the others are out of reach
    levels, states = E, torch.arange(E.shape[-1], device=E.device).unsqueeze(0)
    if n_levels is not None:
        levels, states = E.topk(min(n_levels, E.shape[-1]), dim=-1, largest=False)
    # shift the zero of energy to the ground state, the physics does not change
    levels = levels - levels.min()
    boltzmann = torch.exp(-levels / T)
    Z = boltzmann.sum(dim=-1, keepdim=True)
    p = boltzmann / Z
    # which level is occupied, and which state is that?
    occupied = torch.multinomial(p, 1, generator=rng)
    return states.gather(-1, occupied)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # boundary conditions
    if ids.shape[1] == 0:
        raise ValueError("no initial state: ids is empty")
    if not temperature >= 0:
        raise ValueError(f"temperature must be >= 0, not {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be >= 1, not {top_k}")
    memory = model.config["block_size"]  # correlation length: the model sees no further back

    mode = model.training
    model.eval()
    try:
        with torch.no_grad():
            trajectory = ids  # x(0)
            for _ in range(max_new_tokens):
                window = trajectory[:, -memory:]
                E = -model(window)[:, -1]  # PREDICT: what shape is this for a prompt of 5 ids?
                x_next = sample_state(E, temperature, top_k, generator)
                # x(t) -> x(t + 1)
                trajectory = torch.cat([trajectory, x_next], dim=-1)
    finally:
        model.train(mode)
    return trajectory


def finished_words(text):
    """Number of words with whitespace behind them."""
    # a marker at the end merges with an unfinished word, so the last piece never counts
    return len((text + "|").split()) - 1


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # initial condition, as the tokenizer measures it
    x = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    text = tokenizer.decode(x[0].tolist())
    n_final = len(text.split()) + n_words

    # evolve step by step; the cut-off bounds the time if no space ever comes
    t, t_max = 0, MAX_STEPS_PER_WORD * n_words
    while t < t_max and finished_words(text) < n_final:
        x = generate(model, x, 1, temperature, None, generator)
        text = tokenizer.decode(x[0].tolist())
        t += 1
    return text.rstrip()
