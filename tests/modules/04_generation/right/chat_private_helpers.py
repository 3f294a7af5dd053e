# style: long chat answer, private helpers, keyword arguments everywhere, formatted by black
"""Text generation for a small GPT model.

This module provides two public functions:

* ``generate`` - autoregressive sampling on the level of token ids.
* ``generate_words`` - a friendly wrapper that works with text.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

_MAX_CHARS_PER_WORD = 30


def _validate_sampling_args(temperature: float, top_k: int | None) -> None:
    """Raise a ValueError for arguments that make no sense."""
    if math.isnan(temperature) or temperature < 0.0:
        raise ValueError(f"temperature must be >= 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be >= 1 or None, got {top_k}")


def _apply_top_k(logits: torch.Tensor, top_k: int) -> torch.Tensor:
    """Set every logit outside the top k to minus infinity."""
    k = min(top_k, logits.size(-1))
    _, best_ids = torch.topk(logits, k=k, dim=-1)
    keep = torch.zeros_like(logits, dtype=torch.bool)
    keep.scatter_(dim=-1, index=best_ids, value=True)
    return logits.masked_fill(~keep, float("-inf"))


def _sample_next_token(
    logits: torch.Tensor,
    temperature: float,
    top_k: int | None,
    generator: torch.Generator | None,
) -> torch.Tensor:
    """Pick the next token id, shape (1, 1), from logits of shape (1, vocab_size)."""
    # Greedy decoding
    if temperature == 0.0:
        return torch.argmax(logits, dim=-1, keepdim=True)

    # Temperature scaling, then top-k filtering
    scaled_logits = logits / temperature
    if top_k is not None:
        scaled_logits = _apply_top_k(logits=scaled_logits, top_k=top_k)

    # Convert to probabilities and sample
    probabilities = F.softmax(scaled_logits, dim=-1)
    return torch.multinomial(
        input=probabilities,
        num_samples=1,
        generator=generator,
    )


def generate(
    model,
    ids: torch.Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """Extend ``ids`` by ``max_new_tokens`` tokens, one token at a time."""
    _validate_sampling_args(temperature=temperature, top_k=top_k)

    block_size = model.config["block_size"]
    was_training = model.training
    model.eval()
    try:
        with torch.set_grad_enabled(False):
            generated = ids.clone()
            for _ in range(max_new_tokens):
                context = generated[:, -block_size:]
                logits = model(context)
                next_token = _sample_next_token(  # PREDICT: what shape is this?
                    logits=logits[:, -1, :],
                    temperature=temperature,
                    top_k=top_k,
                    generator=generator,
                )
                generated = torch.cat([generated, next_token], dim=-1)
    finally:
        model.train(mode=was_training)

    return generated


def _is_finished(text: str, target_word_count: int) -> bool:
    """Tell whether the last wanted word is complete, that is, followed by a space."""
    return len(text.split()) >= target_word_count and text.endswith(" ")


def generate_words(
    model,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: torch.Generator | None = None,
) -> str:
    """Continue ``prompt`` by ``n_words`` complete words."""
    prompt_ids = tokenizer.encode(prompt)
    text = tokenizer.decode(prompt_ids)
    target_word_count = len(text.split()) + n_words

    ids = torch.tensor([prompt_ids], dtype=torch.long)
    max_length = ids.size(1) + _MAX_CHARS_PER_WORD * n_words
    while ids.size(1) < max_length and not _is_finished(text, target_word_count):
        ids = generate(
            model=model,
            ids=ids,
            max_new_tokens=1,
            temperature=temperature,
            generator=generator,
        )
        text = tokenizer.decode(ids[0].tolist())

    return text
