# Style: a chat model's answer to the recipe: numbered comments, long docstrings, black with 88 columns
import math
from typing import Optional

import torch
import torch.nn.functional as F

MAX_CHARS_PER_WORD = 30


def generate(
    model,
    ids: torch.Tensor,
    max_new_tokens: int,
    temperature: float = 1.0,
    top_k: Optional[int] = None,
    generator: Optional[torch.Generator] = None,
) -> torch.Tensor:
    """
    Autoregressively extend a sequence of token ids.

    Args:
        model: Callable that maps ids (1, T) to logits (1, T, vocab_size).
        ids: The prompt, shape (1, T), int64.
        max_new_tokens: How many tokens to append.
        temperature: 0 for greedy decoding, otherwise a divisor for the logits.
        top_k: If given, only the k most likely tokens are kept.
        generator: Optional source of randomness.

    Returns:
        Tensor of shape (1, T + max_new_tokens).
    """
    # Step 1: Refuse impossible settings.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be >= 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be >= 1")

    # Step 2: Remember the mode of the model, then switch to eval mode.
    was_training = model.training
    model.eval()
    block_size = model.config["block_size"]
    generated = ids.clone()

    try:
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Step 3: Crop the context to what the model can look at.
                context = generated[:, -block_size:]

                # Step 4: Run the model and keep the last position only.
                logits = model(context)  # PREDICT: what shape is this for a prompt of 5 ids?
                next_logits = logits[:, -1, :]

                # Step 5: Temperature 0 means greedy decoding.
                if temperature == 0:
                    next_id = torch.argmax(next_logits, dim=-1, keepdim=True)
                else:
                    next_logits = next_logits / temperature

                    # Step 6: Keep the k best logits, the others get no chance.
                    if top_k is not None:
                        k = min(top_k, next_logits.size(-1))
                        threshold = torch.topk(next_logits, k).values[:, -1:]
                        next_logits = torch.where(
                            next_logits < threshold,
                            torch.full_like(next_logits, float("-inf")),
                            next_logits,
                        )

                    # Step 7: Turn the logits into probabilities and draw one id.
                    probs = F.softmax(next_logits, dim=-1)
                    next_id = torch.multinomial(
                        probs, num_samples=1, generator=generator
                    )

                # Step 8: Append the new id.
                generated = torch.cat([generated, next_id], dim=1)
    finally:
        # Step 9: Put the model back in its original mode.
        model.train(was_training)

    return generated


def generate_words(
    model,
    tokenizer,
    prompt: str,
    n_words: int = 10,
    temperature: float = 0.8,
    generator: Optional[torch.Generator] = None,
) -> str:
    """Continue a prompt by ``n_words`` complete words and return the whole text."""
    # Step 1: Encode the prompt, and count the words that are already there.
    token_ids = tokenizer.encode(prompt)
    target = len(tokenizer.decode(token_ids).split()) + n_words

    # Step 2: Add one character at a time, with an upper limit.
    for _ in range(MAX_CHARS_PER_WORD * n_words):
        extended = generate(
            model,
            torch.tensor([token_ids], dtype=torch.long),
            max_new_tokens=1,
            temperature=temperature,
            generator=generator,
        )
        token_ids = extended[0].tolist()

        # Step 3: Stop when enough words are complete.
        text = tokenizer.decode(token_ids)
        if len(text.split()) >= target and text.endswith(" "):
            break

    # Step 4: Decode everything.
    return tokenizer.decode(token_ids)
