"""Text generation for a small GPT.

The model predicts a score for every possible next token. We pick one token,
append it to the text, and repeat.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

# A word longer than this is cut off, so that generate_words always terminates.
MAX_CHARS_PER_WORD: int = 30


@torch.no_grad()
def generate(
    model: nn.Module,
    ids: Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Append ``max_new_tokens`` tokens to a prompt.

    Args:
        model: Maps ids (1, T) to logits (1, T, vocab_size).
        ids: The prompt, an int64 tensor of shape (1, T) with T >= 1.
        max_new_tokens: How many tokens to append.
        temperature: 0 is greedy, low values are careful, high values are adventurous.
        top_k: If given, only the ``top_k`` best tokens can be drawn.
        generator: The source of randomness for ``torch.multinomial``.

    Returns:
        The prompt followed by the new tokens, shape (1, T + max_new_tokens).

    Raises:
        ValueError: If the prompt is empty, or ``temperature`` or ``top_k`` is invalid.
    """
    # Step 1: validate the arguments before anything else happens.
    if ids.size(1) == 0:
        raise ValueError("the prompt must contain at least one token")
    if temperature < 0 or math.isnan(temperature):
        raise ValueError(f"temperature must be a number >= 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be >= 1 or None, got {top_k}")

    block_size: int = model.config["block_size"]
    # Step 2: work on a copy, so the caller's tensor is never touched.
    result = ids.clone()  # (1, T)

    # Step 3: switch to eval mode, and remember the mode we came from.
    was_training = model.training
    model.eval()
    try:
        for _ in range(max_new_tokens):
            # Step 4: the model can only look at the last block_size tokens.
            context = result[:, -block_size:]  # (1, T) -> (1, min(T, block_size))
            logits = model(context)  # PREDICT: what shape is this for a prompt of 5 ids?

            # Step 5: only the prediction after the last token matters.
            next_logits = logits[:, -1, :]  # (1, T, V) -> (1, V)

            if temperature == 0:
                # Step 6a: greedy decoding, take the best token.
                next_id = torch.argmax(next_logits, dim=-1, keepdim=True)  # (1, 1)
            else:
                # Step 6b: scale the logits, and keep only the top_k best.
                next_logits = next_logits / temperature
                if top_k is not None:
                    k = min(top_k, next_logits.size(-1))
                    best_values, best_ids = torch.topk(next_logits, k, dim=-1)
                    only_best = torch.full_like(next_logits, -math.inf)
                    next_logits = only_best.scatter(-1, best_ids, best_values)
                # Step 6c: turn the logits into probabilities and draw one token.
                probabilities = torch.softmax(next_logits, dim=-1)
                next_id = torch.multinomial(probabilities, num_samples=1, generator=generator)

            # Step 7: append the new token.
            result = torch.cat([result, next_id], dim=1)  # (1, T) -> (1, T + 1)
    finally:
        # Step 8: restore the original mode, even if something went wrong.
        model.train(was_training)
    return result


def generate_words(
    model: nn.Module,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: torch.Generator | None = None,
) -> str:
    """Continue a prompt by ``n_words`` complete words.

    Args:
        model: The model that predicts the next character.
        tokenizer: Provides ``encode`` and ``decode``.
        prompt: The beginning of the text.
        n_words: How many words to append.
        temperature: Passed on to ``generate``.
        generator: Passed on to ``generate``.

    Returns:
        The prompt as the tokenizer sees it, followed by its continuation.
    """
    # Step 1: encode the prompt, and read it back the way the tokenizer sees it.
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long)  # (1, T)
    text: str = tokenizer.decode(ids[0].tolist())

    # Step 2: work out how many words the finished text should have.
    target_words = len(text.split()) + n_words

    # Step 3: append one character at a time, up to the hard limit.
    for _ in range(MAX_CHARS_PER_WORD * n_words):
        # A word is complete only when a space follows it.
        last_is_complete = text[-1:].isspace()
        if last_is_complete and len(text.split()) >= target_words:
            break
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())

    # Step 4: drop the space behind the last word.
    return text.rstrip()
