"""Style: a sliding window in a deque, kthvalue for top-k, float64, every module has its mode."""

from collections import deque

import torch
from torch import nn


class Quiet:
    """Hold a model still: each of its modules in eval mode, and no gradients."""

    def __init__(self, model: nn.Module):
        self.model = model

    def __enter__(self):
        self.modes = [(part, part.training) for part in self.model.modules()]
        self.grad = torch.is_grad_enabled()
        self.model.eval()
        torch.set_grad_enabled(False)
        return self.model

    def __exit__(self, *problem):
        torch.set_grad_enabled(self.grad)
        for part, mode in self.modes:
            part.training = mode


def restrict(scores: torch.Tensor, k: int) -> torch.Tensor:
    size = scores.numel()
    if k >= size:
        return scores
    # kthvalue counts from the smallest, from 1
    bar = scores.kthvalue(size - k + 1).values
    return scores.where(scores >= bar, -torch.inf)


def sample(scores: torch.Tensor, temperature: float, generator) -> int:
    log_probs = torch.log_softmax(scores / temperature, dim=0)
    return int(torch.multinomial(log_probs.exp(), 1, generator=generator))


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not 0 <= temperature:
        raise ValueError(f"{temperature} is no temperature")
    if top_k is not None and not 1 <= top_k:
        raise ValueError(f"{top_k} is no number of candidates")
    window = deque(ids[0].tolist(), maxlen=model.config["block_size"])
    fresh = []
    with Quiet(model) as still:
        for _ in range(max_new_tokens):
            scores = still(torch.tensor([list(window)]))[0, -1].double()
            if top_k is not None:
                scores = restrict(scores, top_k)
            if temperature > 0:
                token = sample(scores, temperature, generator)
            else:
                token = int(scores.argmax())
            window.append(token)
            fresh.append(token)
    return torch.cat([ids, torch.tensor([fresh], dtype=ids.dtype)], dim=1)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=1.0, generator=None):
    start = tokenizer.encode(prompt)
    tail = []
    words: list[str] = []
    while len(words) <= n_words and len(tail) < 350 * n_words:
        ids = torch.tensor([start + tail])
        tail.append(int(generate(model, ids, 1, temperature, None, generator)[0, -1]))
        # an asterisk stands for what would come next: it is a word of its own after a space
        words = (tokenizer.decode(tail) + "*").split()
    return tokenizer.decode(start + tail)
