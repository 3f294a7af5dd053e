"""sampler.py - text generation for a small GPT.

The file holds two functions:

* generate        continues a sequence of token ids by a fixed number of ids
* generate_words  continues a string by a number of complete words
"""

import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Continue ids (1, T) by max_new_tokens ids and return all of them, (1, T + max_new_tokens)."""
    # Check the settings before anything else happens.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError(f"temperature must be 0 or larger, but it is {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, but it is {top_k}")
    if ids.shape[1] == 0:
        raise ValueError("ids must hold at least one token")

    # The longest context that the model can look at.
    block_size = model.config["block_size"]

    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()

    # Remember the mode of the model, then switch dropout off.
    was_training = model.training
    model.eval()
    try:
        # We only use the model here, so PyTorch need not track gradients.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Show the model only the last block_size ids.
                context = ids[:, -block_size:]
                logits = model(context)

                # Keep the logits of the last position: they are about the next token.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                if temperature == 0:
                    # Greedy: take the id with the highest logit.
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    # A low temperature makes the differences larger, a high one makes them smaller.
                    scaled = last_logits / temperature

                    # Keep only the top_k best logits, and set the others to minus infinity.
                    if top_k is not None:
                        k = min(top_k, scaled.shape[-1])
                        best_values, best_ids = torch.topk(scaled, k, dim=-1)
                        filtered = torch.full_like(scaled, float("-inf"))
                        scaled = filtered.scatter(-1, best_ids, best_values)

                    # Turn the logits into probabilities and draw one id.
                    probs = torch.softmax(scaled, dim=-1)
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Append the new id.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue the prompt by n_words complete words and return the whole text."""
    # Read the prompt as the tokenizer sees it.
    prompt_ids = tokenizer.encode(prompt)
    prompt_text = tokenizer.decode(prompt_ids)

    # Work out how many words the text has to have at the end.
    target_words = len(prompt_text.split()) + n_words

    # The model wants a tensor with a batch dimension.
    ids = torch.tensor([prompt_ids], dtype=torch.long)
    text = prompt_text

    # Add one character at a time, but never more than 30 for each word.
    for _ in range(30 * n_words):
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())

        # Stop when there are enough words and the last one is complete.
        if len(text.split()) >= target_words and text.endswith(" "):
            text = text[:-1]
            break

    return text
