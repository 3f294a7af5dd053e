"""Style: an LLM's tidy answer: type hints, a frozen dataclass, a context manager, docstrings."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

MAX_CHARACTERS_PER_WORD: int = 256


@dataclass(frozen=True)
class SamplingConfig:
    """The knobs of the sampler, validated once at construction.

    Attributes:
        temperature: 0 for greedy decoding, otherwise the divisor of the logits.
        top_k: If given, only the ``top_k`` most likely tokens can be drawn.
    """

    temperature: float = 1.0
    top_k: int | None = None

    def __post_init__(self) -> None:
        if math.isnan(self.temperature) or self.temperature < 0:
            raise ValueError(f"temperature must be >= 0, got {self.temperature}")
        if self.top_k is not None and self.top_k <= 0:
            raise ValueError(f"top_k must be a positive integer, got {self.top_k}")


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Switch dropout and gradients off, and put both back whatever happens inside."""
    previous_mode: bool = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(previous_mode)


def sample_next_token(
    logits: Tensor, config: SamplingConfig, generator: torch.Generator | None
) -> Tensor:
    """Pick one token for each row of ``logits``.

    Args:
        logits: Scores of shape ``(batch, vocab_size)``.
        config: The validated settings.
        generator: Source of randomness.

    Returns:
        The chosen ids, shape ``(batch, 1)``.
    """
    if config.temperature == 0:
        return torch.argmax(logits, dim=-1, keepdim=True)
    scaled = logits / config.temperature
    if config.top_k is not None:
        k = min(config.top_k, scaled.shape[-1])
        top_values, top_indices = torch.topk(scaled, k, dim=-1)
        scaled = torch.full_like(scaled, float("-inf")).scatter(-1, top_indices, top_values)
    probabilities = torch.softmax(scaled, dim=-1)
    return torch.multinomial(probabilities, num_samples=1, generator=generator)


def generate(
    model: nn.Module,
    ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Extend ``ids`` by ``max_new_tokens`` tokens, one at a time."""
    config = SamplingConfig(temperature=temperature, top_k=top_k)
    block_size: int = model.config["block_size"]
    output = ids.clone()
    with evaluation_mode(model):
        for _ in range(max_new_tokens):
            context = output[:, -block_size:]
            last_logits = model(context)[:, -1, :]
            next_token = sample_next_token(last_logits, config, generator)
            output = torch.cat([output, next_token], dim=-1)
    return output


def generate_words(
    model: nn.Module,
    tokenizer: Any,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: torch.Generator | None = None,
) -> str:
    """Continue ``prompt`` by ``n_words`` whole words."""
    prompt_ids: list[int] = tokenizer.encode(prompt)
    ids = torch.tensor(prompt_ids, dtype=torch.long).unsqueeze(0)
    finished_words = 0
    inside_a_word = False
    for _ in range(n_words * MAX_CHARACTERS_PER_WORD):
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        newest = tokenizer.decode([int(ids[0, -1])])
        if not newest.isspace():
            inside_a_word = True
        elif inside_a_word:
            inside_a_word = False
            finished_words += 1
        if finished_words >= n_words:
            break
    return tokenizer.decode(ids[0].tolist()).rstrip()
