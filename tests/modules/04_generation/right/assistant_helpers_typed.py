"""sampler.py - text generation for a small character-level GPT.

Public API:
    generate        continue a sequence of token ids
    generate_words  continue a prompt by a number of complete words
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import Iterator, List, Optional

import torch
import torch.nn as nn
import torch.nn.functional as F

# Safety limit: how many characters we are willing to generate per requested word.
MAX_CHARACTERS_PER_WORD: int = 30


def _validate_sampling_arguments(temperature: float, top_k: Optional[int]) -> None:
    """Raise a ValueError if the sampling settings make no sense."""
    if math.isnan(temperature) or temperature < 0:
        raise ValueError(f"temperature must be 0 or greater, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")


@contextmanager
def _evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Temporarily switch the model to eval mode and turn gradients off."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        # Always restore the original mode, even if an error occurred.
        model.train(was_training)


def _keep_top_k(logits: torch.Tensor, top_k: int) -> torch.Tensor:
    """Return a copy of the logits in which everything but the top_k best is -inf."""
    k = min(top_k, logits.size(-1))
    best = torch.topk(logits, k, dim=-1)
    filtered = torch.full_like(logits, float("-inf"))
    return filtered.scatter(-1, best.indices, best.values)


def _choose_next_id(
    logits: torch.Tensor,
    temperature: float,
    top_k: Optional[int],
    generator: Optional[torch.Generator],
) -> torch.Tensor:
    """Choose one id, shape (1, 1), from logits of shape (1, vocab_size)."""
    # Greedy decoding: temperature 0 means "no randomness".
    if temperature == 0:
        return torch.argmax(logits, dim=-1, keepdim=True)

    # Scale first, then filter, then convert to probabilities.
    scaled = logits / temperature
    if top_k is not None:
        scaled = _keep_top_k(scaled, top_k)
    probabilities = F.softmax(scaled, dim=-1)
    return torch.multinomial(probabilities, num_samples=1, generator=generator)


def generate(
    model: nn.Module,
    ids: torch.Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: Optional[int] = None,
    generator: Optional[torch.Generator] = None,
) -> torch.Tensor:
    """Append max_new_tokens ids: (1, T) -> (1, T + max_new_tokens)."""
    # Step 1: check the arguments before doing any work.
    _validate_sampling_arguments(temperature, top_k)

    # Step 2: work on a copy, so that the caller's tensor stays untouched.
    result = ids.clone()
    block_size: int = model.config["block_size"]

    with _evaluation_mode(model):
        for _ in range(max_new_tokens):
            # Step 3: the model can only look at the last block_size ids.
            window = result[:, -block_size:]
            # Step 4: keep only the prediction after the last position.
            last_logits = model(window)[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?
            # Step 5: choose the next id.
            next_id = _choose_next_id(last_logits, temperature, top_k, generator)
            # Step 6: append it to the full sequence.
            result = torch.cat([result, next_id], dim=1)

    return result


def _is_complete(text: str, target_words: int) -> bool:
    """Return True once the text has target_words words and a space after the last one."""
    return len(text.split()) >= target_words and text.endswith(" ")


def generate_words(
    model: nn.Module,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: Optional[torch.Generator] = None,
) -> str:
    """Continue the prompt by n_words complete words and return the whole text."""
    # Step 1: see the prompt the way the tokenizer sees it.
    token_ids: List[int] = list(tokenizer.encode(prompt))
    prompt_length = len(token_ids)
    start_text: str = tokenizer.decode(token_ids)
    target_words = len(start_text.split()) + n_words

    # Step 2: add one character at a time, up to the safety limit.
    continuation = ""
    for _ in range(MAX_CHARACTERS_PER_WORD * n_words):
        context = torch.tensor([token_ids], dtype=torch.long)
        extended = generate(model, context, 1, temperature=temperature, generator=generator)
        token_ids.append(int(extended[0, -1]))
        continuation = tokenizer.decode(token_ids[prompt_length:])

        # Step 3: stop at the space after the last word, and leave that space out.
        if _is_complete(start_text + continuation, target_words):
            continuation = continuation[:-1]
            break

    # Step 4: the prompt with its continuation behind it.
    return start_text + continuation
