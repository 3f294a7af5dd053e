r"""The language model as a Markov source at temperature T.

Write E_i = -logit_i for the energy of token i. The next token follows the Gibbs measure

    P_T(i) = exp(-E_i / T) / Z_T,    Z_T = sum_j exp(-E_j / T),

restricted, where top_k is given, to the k states of lowest energy. As T -> 0 the measure
concentrates on the ground state.
"""

import torch

MEAN_FREE_PATH = 30  # letters that a word may cost at the most, on average


def gibbs(energy, temperature):
    """The Gibbs measure over the states of these energies, (1, K) -> (1, K)."""
    beta = 1.0 / temperature
    # The measure does not depend on the zero of the energy: put it at the minimum.
    energy = energy - energy.min(dim=1, keepdim=True).values
    weight = torch.exp(-energy * beta)
    return weight / weight.sum(dim=1, keepdim=True)


def low_lying(energy, k):
    """The k states of lowest energy: their energies (1, k) and their numbers (1, k)."""
    n_states = energy.shape[1]
    if k is None or k >= n_states:
        return energy, torch.arange(n_states).unsqueeze(0)
    found = torch.topk(energy, k, dim=1, largest=False)
    return found.values, found.indices


def transition(energy, temperature, k, generator):
    """One step of the chain: the number of the next state, (1, 1)."""
    if temperature == 0:
        return energy.min(dim=1, keepdim=True).indices
    energy, states = low_lying(energy, k)
    measure = gibbs(energy, temperature)
    drawn = torch.multinomial(measure, 1, generator=generator)
    return states.gather(1, drawn)


@torch.no_grad()
def run_chain(model, path, n_steps, temperature, k, generator):
    """Let the chain run for n_steps from the end of the path; its memory is block_size states long."""
    memory = model.config["block_size"]
    start = path.shape[1]
    trajectory = path.new_empty((1, start + n_steps))
    trajectory[:, :start] = path
    for t in range(start, start + n_steps):
        past = trajectory[:, max(0, t - memory) : t]
        energy = -model(past)[:, -1]  # PREDICT: what shape is this for a prompt of 5 ids?
        trajectory[:, t : t + 1] = transition(energy, temperature, k, generator)
    return trajectory


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # A temperature is a point of [0, inf); NaN compares false with everything and falls out as well.
    if not temperature >= 0:
        raise ValueError("temperature: a number of [0, inf) is wanted")
    if top_k is not None and not top_k >= 1:
        raise ValueError("top_k: the measure needs at least one state to live on")
    if ids.numel() == 0:
        raise ValueError("ids: the chain needs an initial state")

    mode = model.training
    try:
        model.eval()
        return run_chain(model, ids, max_new_tokens, temperature, top_k, generator)
    finally:
        model.train(mode)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    path = torch.tensor(tokenizer.encode(prompt), dtype=torch.int64).reshape(1, -1)

    def reading():
        return tokenizer.decode(path[0].tolist())

    def count(text):
        return len(text.split())

    # tau = inf { t : n_words more words, and a space }, cut at MEAN_FREE_PATH * n_words.
    level = count(reading()) + n_words
    horizon = path.shape[1] + MEAN_FREE_PATH * n_words
    while path.shape[1] < horizon:
        path = generate(model, path, 1, temperature, generator=generator)
        omega = reading()
        if omega[-1:] == " " and count(omega) >= level:
            return omega[:-1]
    return reading()
