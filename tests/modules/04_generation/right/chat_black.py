# style: a chat model's answer, formatted by black, multi-line keyword calls, private helpers, docstrings, try/finally
"""Autoregressive text generation for a small GPT model."""

import math
from typing import Optional

import torch
import torch.nn.functional as F

MAX_CHARS_PER_WORD = 30


def _validate_arguments(temperature: float, top_k: Optional[int]) -> None:
    """Raise a ValueError if a sampling argument is out of range."""
    if math.isnan(temperature) or temperature < 0:
        raise ValueError(f"temperature must be >= 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")


def _apply_top_k(logits: torch.Tensor, top_k: int) -> torch.Tensor:
    """Set every logit that is not among the ``top_k`` best to minus infinity."""
    top_values, _ = torch.topk(
        logits,
        k=min(top_k, logits.size(-1)),
        dim=-1,
    )
    threshold = top_values[:, -1].unsqueeze(-1)
    return logits.masked_fill(
        logits < threshold,
        float("-inf"),
    )


def _sample_next_token(
    logits: torch.Tensor,
    temperature: float,
    top_k: Optional[int],
    generator: Optional[torch.Generator],
) -> torch.Tensor:
    """Choose one token id from the logits of the last position."""
    # Greedy decoding: no randomness at all.
    if temperature == 0:
        return torch.argmax(logits, dim=-1, keepdim=True)

    # Keep only the most likely candidates.
    if top_k is not None:
        logits = _apply_top_k(logits, top_k)

    # Sharpen or flatten the distribution, then sample from it.
    scaled_logits = logits / temperature
    probabilities = F.softmax(scaled_logits, dim=-1)
    return torch.multinomial(
        probabilities,
        num_samples=1,
        generator=generator,
    )


def generate(
    model,
    ids,
    max_new_tokens,
    temperature=1.0,
    top_k=None,
    generator=None,
):
    """Append ``max_new_tokens`` generated ids to ``ids``."""
    _validate_arguments(temperature, top_k)

    # Remember the current mode so that we can restore it afterwards.
    was_training = model.training
    model.eval()

    block_size = model.config["block_size"]
    generated = ids.clone()

    try:
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Crop the context to what the model can look at.
                context = generated[:, -block_size:]
                logits = model(context)

                # PREDICT: what shape is this for a prompt of 5 ids?
                last_logits = logits[:, -1, :]
                next_token = _sample_next_token(
                    last_logits,
                    temperature,
                    top_k,
                    generator,
                )
                generated = torch.cat((generated, next_token), dim=1)
    finally:
        model.train(was_training)

    return generated


def generate_words(
    model,
    tokenizer,
    prompt,
    n_words=10,
    temperature=0.8,
    generator=None,
):
    """Continue ``prompt`` by ``n_words`` complete words."""
    prompt_ids = tokenizer.encode(prompt)
    device = next(model.parameters()).device
    ids = torch.tensor([prompt_ids], dtype=torch.long, device=device)

    text = tokenizer.decode(prompt_ids)
    target_words = len(text.split()) + n_words

    for _ in range(MAX_CHARS_PER_WORD * n_words):
        ids = generate(
            model,
            ids,
            max_new_tokens=1,
            temperature=temperature,
            generator=generator,
        )
        text = tokenizer.decode(ids[0].tolist())
        # The last word is complete as soon as white space follows it.
        if len(text.split()) >= target_words and text[-1].isspace():
            break

    return text
