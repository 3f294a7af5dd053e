"""
sampler.py - Text generation for the mini GPT
==============================================

This module contains two public functions:

* ``generate``        - continue a sequence of ids, one token at a time
* ``generate_words``  - continue a text by a number of complete words

Everything else is a small private helper, so that each idea can be read on its own.
"""

import math
from typing import Optional

import torch

# A word is at most this long; otherwise a model without spaces would never stop.
_MAX_CHARACTERS_PER_WORD: int = 30


# ---------------------------------------------------------------------------
# Step 1: checking the arguments
# ---------------------------------------------------------------------------
def _validate_temperature(temperature: float) -> None:
    """Raise a ValueError for temperatures that make no sense."""
    if math.isnan(temperature):
        raise ValueError("temperature must be a number, got NaN")
    if temperature < 0:
        raise ValueError(f"temperature must not be negative, got {temperature}")


def _validate_top_k(top_k: Optional[int]) -> None:
    """Raise a ValueError if not even one candidate may be chosen."""
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")


def _validate_ids(ids: torch.Tensor) -> None:
    """Raise a ValueError if there is no token to start from."""
    if ids.shape[1] < 1:
        raise ValueError("ids must contain at least one token")


# ---------------------------------------------------------------------------
# Step 2: choosing one token
# ---------------------------------------------------------------------------
def _pick_best(logits: torch.Tensor) -> torch.Tensor:
    """Greedy decoding: return the id with the highest logit, shape (1, 1)."""
    return torch.argmax(logits, dim=-1, keepdim=True)


def _pick_random(
    logits: torch.Tensor,
    temperature: float,
    top_k: Optional[int],
    generator: Optional[torch.Generator],
) -> torch.Tensor:
    """Draw one id at random, shape (1, 1). Better logits are drawn more often."""
    # Keep the best candidates, and remember which id each of them stands for.
    if top_k is None:
        candidate_logits = logits
        candidate_ids = torch.arange(logits.shape[-1], device=logits.device).unsqueeze(0)
    else:
        number_of_candidates = min(top_k, logits.shape[-1])
        candidate_logits, candidate_ids = torch.topk(logits, number_of_candidates, dim=-1)

    # Sharpen (below 1) or flatten (above 1) the distribution.
    scaled_logits = candidate_logits / temperature

    # Turn the scores into probabilities.
    probabilities = torch.softmax(scaled_logits, dim=-1)

    # Draw the place of one candidate.
    choice = torch.multinomial(probabilities, num_samples=1, generator=generator)

    # Translate the place of the candidate back into its id.
    next_id = torch.gather(candidate_ids, dim=-1, index=choice)
    return next_id


# ---------------------------------------------------------------------------
# Step 3: the generation loop
# ---------------------------------------------------------------------------
@torch.no_grad()
def generate(
    model,
    ids: torch.Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: Optional[int] = None,
    generator: Optional[torch.Generator] = None,
) -> torch.Tensor:
    """Append ``max_new_tokens`` tokens to ``ids`` and return all of them."""
    # Check all arguments before anything happens.
    _validate_ids(ids)
    _validate_temperature(temperature)
    _validate_top_k(top_k)

    # Remember the mode of the model, then switch to evaluation mode.
    was_training = model.training
    model.eval()

    try:
        # The model cannot look further back than this.
        block_size = model.config["block_size"]

        # Work on a copy, so that the caller's tensor stays as it is.
        all_ids = ids.clone()

        for _ in range(max_new_tokens):
            # Show the model at most the last block_size ids.
            context = all_ids[:, -block_size:]

            # One score for each id of the vocabulary, after each position.
            logits = model(context)

            # Only the prediction after the last position is needed.
            last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

            # Choose the next id: without or with randomness.
            if temperature == 0:
                next_id = _pick_best(last_logits)
            else:
                next_id = _pick_random(last_logits, temperature, top_k, generator)

            # Append it, and go on with the longer sequence.
            all_ids = torch.cat([all_ids, next_id], dim=1)
    finally:
        # Put the model back into the mode that it was in.
        model.train(was_training)

    return all_ids


# ---------------------------------------------------------------------------
# Step 4: whole words
# ---------------------------------------------------------------------------
def _count_words(text: str) -> int:
    """Return the number of words in ``text``."""
    return len(text.split())


def _is_complete(text: str, target_word_count: int) -> bool:
    """Return True if all words are there and a space follows the last one."""
    has_enough_words = _count_words(text) >= target_word_count
    ends_with_space = text.endswith(" ")
    return has_enough_words and ends_with_space


def generate_words(
    model,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: Optional[torch.Generator] = None,
) -> str:
    """Continue ``prompt`` by ``n_words`` complete words."""
    # Turn the prompt into ids: (1, T)
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)

    # The prompt as the tokenizer sees it (unknown characters are replaced).
    text = tokenizer.decode(ids[0].tolist())
    target_word_count = _count_words(text) + n_words

    # Append one character at a time, up to the safety limit.
    for _ in range(_MAX_CHARACTERS_PER_WORD * n_words):
        ids = generate(
            model,
            ids,
            max_new_tokens=1,
            temperature=temperature,
            generator=generator,
        )
        text = tokenizer.decode(ids[0].tolist())

        # Stop as soon as the last word is finished; its space is not needed.
        if _is_complete(text, target_word_count):
            text = text.removesuffix(" ")
            break

    return text
