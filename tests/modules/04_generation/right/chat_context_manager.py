# Style: a chat model asked for "clean, production-ready" code: context manager, helpers, keywords, black.
"""Text generation for a small GPT."""

import math
from contextlib import contextmanager
from typing import Iterator, Optional

import torch
import torch.nn.functional as F

MAX_CHARS_PER_WORD = 30


@contextmanager
def evaluation_mode(model: torch.nn.Module) -> Iterator[None]:
    """Switch the model to eval mode without gradients, and restore its mode afterwards."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def validate_sampling_args(temperature: float, top_k: Optional[int]) -> None:
    """Raise a ValueError if the sampling arguments make no sense."""
    if math.isnan(temperature) or temperature < 0:
        raise ValueError(f"temperature must be 0 or above, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")


def filter_top_k(logits: torch.Tensor, top_k: int) -> torch.Tensor:
    """Keep only the top_k best logits; all others become minus infinity."""
    k = min(top_k, logits.size(-1))
    kth_best = torch.topk(logits, k, dim=-1).values[..., -1:]
    return logits.masked_fill(logits < kth_best, float("-inf"))


def choose_next(
    logits: torch.Tensor,
    temperature: float,
    top_k: Optional[int],
    generator: Optional[torch.Generator],
) -> torch.Tensor:
    """Choose one id from logits of shape (1, V). Returns shape (1, 1)."""
    # Temperature 0 means greedy decoding.
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    # Sharpen or flatten the distribution.
    scaled = logits / temperature
    # Optionally restrict to the best candidates.
    if top_k is not None:
        scaled = filter_top_k(scaled, top_k)
    # Turn scores into probabilities and sample.
    probs = F.softmax(scaled, dim=-1)
    return torch.multinomial(probs, num_samples=1, generator=generator)


def generate(
    model: torch.nn.Module,
    ids: torch.Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: Optional[int] = None,
    generator: Optional[torch.Generator] = None,
) -> torch.Tensor:
    """Append max_new_tokens ids to ids, one at a time."""
    validate_sampling_args(temperature, top_k)
    block_size = model.config["block_size"]
    with evaluation_mode(model):
        for _ in range(max_new_tokens):
            # Show the model only what fits into its context window.
            context = ids[:, -block_size:]
            # Keep only the prediction for the position after the last token.
            logits = model(context)[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?
            next_id = choose_next(logits, temperature, top_k, generator)
            # Append the new id to the full sequence.
            ids = torch.cat([ids, next_id], dim=1)
    return ids


def generate_words(
    model: torch.nn.Module,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: Optional[torch.Generator] = None,
) -> str:
    """Continue the prompt by n_words complete words."""
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)
    text = tokenizer.decode(ids[0].tolist())
    target_words = len(text.split()) + n_words

    for _ in range(MAX_CHARS_PER_WORD * n_words):
        # Stop once enough words are complete, i.e. followed by a space.
        if len(text.split()) >= target_words and text.endswith(" "):
            break
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())

    return text
