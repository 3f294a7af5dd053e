"""Sampling from a GPT, with the next token as a torch.distributions object."""

from __future__ import annotations

from typing import Optional

import torch
from torch import Tensor
from torch.distributions import Categorical


class NextToken(Categorical):
    """The distribution of the next token, given the logits of the last position."""

    def __init__(self, scores: Tensor, temperature: float, top_k: Optional[int] = None):
        if top_k is not None:
            # The rank of each token: 0 is the best one.
            ranks = scores.argsort(dim=-1, descending=True).argsort(dim=-1)
            scores = scores.masked_fill(ranks >= top_k, -torch.inf)
        super().__init__(logits=scores / temperature)

    def draw(self, generator: Optional[torch.Generator] = None) -> Tensor:
        """One sample, (batch, 1)."""
        return torch.multinomial(self.probs, 1, generator=generator)


class Greedy:
    """All the mass on the best token: the limit of NextToken at temperature 0."""

    def __init__(self, scores: Tensor):
        self.scores = scores

    def draw(self, generator: Optional[torch.Generator] = None) -> Tensor:
        return self.scores.argmax(dim=-1, keepdim=True)


def next_token(scores: Tensor, temperature: float, top_k: Optional[int]) -> NextToken | Greedy:
    if temperature == 0:
        return Greedy(scores)
    return NextToken(scores, temperature, top_k)


def generate(
    model,
    ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: Optional[int] = None,
    generator: Optional[torch.Generator] = None,
) -> Tensor:
    if not (temperature >= 0.0):
        raise ValueError("temperature must be non-negative")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be positive")
    if ids.shape[-1] == 0:
        raise ValueError("the prompt is empty")

    # Some parts may be frozen in another mode than the model: keep the mode of each of them.
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    pieces = [ids]
    try:
        with torch.no_grad():
            for _ in range(max_new_tokens):
                context = torch.cat(pieces, dim=-1)[:, -model.config["block_size"] :]
                scores = model(context)[:, -1]  # PREDICT: what shape is this for a prompt of 5 ids?
                pieces.append(next_token(scores, temperature, top_k).draw(generator))
    finally:
        for module, training in modes:
            module.training = training
    return torch.cat(pieces, dim=-1)


def generate_words(
    model,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: Optional[torch.Generator] = None,
) -> str:
    ids = torch.tensor(tokenizer.encode(prompt), dtype=torch.long).unsqueeze(0)
    text = shown = tokenizer.decode(ids.squeeze(0).tolist())
    budget = 30 * n_words
    while budget > 0:
        ids = generate(model, ids, 1, temperature, generator=generator)
        text = tokenizer.decode(ids.squeeze(0).tolist())
        budget -= 1
        if text.endswith(" ") and len(text.split()) - len(shown.split()) >= n_words:
            return text.removesuffix(" ")
    return text
