"""Text generation utilities for MiniGPT.

This module provides two public functions:

* ``generate``       - autoregressively extends a sequence of token ids.
* ``generate_words`` - extends a text prompt by a number of complete words.

Everything else is a small, focused helper so that each step can be read on its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Optional, Protocol

import torch
from torch import Tensor, nn

MAX_CHARS_PER_WORD: Final[int] = 30


class Tokenizer(Protocol):
    """The part of the tokenizer's interface that this module relies on."""

    def encode(self, text: str) -> list[int]: ...

    def decode(self, ids) -> str: ...


@dataclass(frozen=True)
class SamplingOptions:
    """Validated options that control how the next token is chosen."""

    temperature: float = 1.0
    top_k: Optional[int] = None
    generator: Optional[torch.Generator] = None

    def __post_init__(self) -> None:
        # Reject temperatures that have no meaning.
        if self.temperature < 0 or math.isnan(self.temperature):
            raise ValueError(f"temperature must be >= 0, got {self.temperature}")
        # Keeping fewer than one candidate would leave nothing to choose from.
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k must be >= 1 or None, got {self.top_k}")


@contextmanager
def _inference_mode(model: nn.Module) -> Iterator[None]:
    """Temporarily switch the model to eval mode and disable gradient tracking."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def _keep_top_k(logits: Tensor, top_k: int) -> Tensor:
    """Set every logit outside the ``top_k`` best ones to minus infinity."""
    k = min(top_k, logits.size(-1))
    best_values, best_ids = torch.topk(logits, k, dim=-1)
    filtered = torch.full_like(logits, float("-inf"))
    return filtered.scatter(-1, best_ids, best_values)


def choose_next(
    logits: Tensor,
    temperature: float,
    top_k: Optional[int] = None,
    generator: Optional[torch.Generator] = None,
) -> Tensor:
    """Choose the next token id: ``(1, V)`` logits -> ``(1, 1)`` id."""
    # Greedy decoding: temperature 0 always takes the best token.
    if temperature == 0:
        return torch.argmax(logits, dim=-1, keepdim=True)
    # Optionally restrict the choice to the k best candidates.
    if top_k is not None:
        logits = _keep_top_k(logits, top_k)
    # Scale by the temperature, then turn the scores into probabilities.
    probabilities = torch.softmax(logits / temperature, dim=-1)
    return torch.multinomial(probabilities, num_samples=1, generator=generator)


def generate(
    model: nn.Module,
    ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: Optional[int] = None,
    generator: Optional[torch.Generator] = None,
) -> Tensor:
    """Extend ``ids`` of shape ``(1, T)`` to ``(1, T + max_new_tokens)``."""
    # Step 1: validate the input before touching the model.
    if ids.size(1) < 1:
        raise ValueError("ids must contain at least one token")
    options = SamplingOptions(temperature, top_k, generator)
    block_size: int = model.config["block_size"]

    # Step 2: work on a copy, so that the caller's tensor is never modified.
    sequence = ids.clone()

    # Step 3: generate one token at a time.
    with _inference_mode(model):
        for _ in range(max_new_tokens):
            # 3a: crop the context to what the model can look at.
            context = sequence[:, -block_size:]  # (1, min(T, block_size))
            # 3b: run the model and keep only the logits of the last position.
            logits = model(context)[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?
            # 3c: choose the next token.
            next_id = choose_next(logits, options.temperature, options.top_k, options.generator)
            # 3d: append it to the sequence.
            sequence = torch.cat((sequence, next_id), dim=1)
    return sequence


def finished_words(text: str) -> int:
    """Count the words that are complete, i.e. followed by whitespace."""
    words = text.split()
    last_word_is_open = bool(words) and not text[-1].isspace()
    return len(words) - 1 if last_word_is_open else len(words)


def generate_words(
    model: nn.Module,
    tokenizer: Tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: Optional[torch.Generator] = None,
) -> str:
    """Continue ``prompt`` by ``n_words`` complete words."""
    # Step 1: encode the prompt, and read it back as the tokenizer sees it.
    prompt_ids = tokenizer.encode(prompt)
    ids = torch.tensor([prompt_ids], dtype=torch.long)
    text = tokenizer.decode(prompt_ids)

    # Step 2: determine when to stop.
    target = len(text.split()) + n_words
    max_length = len(prompt_ids) + MAX_CHARS_PER_WORD * n_words

    # Step 3: append one character at a time until either limit is reached.
    while finished_words(text) < target and ids.size(1) < max_length:
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())

    # Step 4: the final space only told us that the last word is complete.
    return text.rstrip()
