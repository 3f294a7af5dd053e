"""sampler.py: let a trained GPT continue a text."""

import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Append max_new_tokens ids: (1, T) int64 -> (1, T + max_new_tokens) int64."""
    # Refuse bad settings before anything else happens.
    # NaN needs its own check, because "NaN < 0" is False.
    if temperature < 0 or math.isnan(temperature):
        raise ValueError(f"temperature must be 0 or more, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be 1 or more, got {top_k}")

    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()
    block_size = model.config["block_size"]

    # Remember the model's mode, then switch to eval mode (this turns dropout off).
    was_training = model.training
    model.eval()

    # "finally" below runs even if an error happens in here.
    try:
        # We are not training, so PyTorch need not keep track of gradients.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Step 1: take the last block_size ids (all of them, if there are fewer).
                window = ids[:, -block_size:]

                # Step 2: ask the model for its logits.
                logits = model(window)

                # Step 3: keep only the last position.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                # Step 4: choose the next id.
                if temperature == 0:
                    # No chance involved: the highest logit wins.
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    # Below 1 makes the favourites stronger, above 1 makes all more equal.
                    scaled = last_logits / temperature

                    if top_k is not None:
                        # Find the best ids (we cannot keep more than there are).
                        k = min(top_k, last_logits.size(-1))
                        best_ids = torch.topk(last_logits, k, dim=-1).indices

                        # Mark every id as hidden (True), then the best ones as not hidden.
                        hidden = torch.ones_like(scaled, dtype=torch.bool)
                        hidden.scatter_(-1, best_ids, False)

                        # Softmax turns minus infinity into probability 0.
                        scaled = scaled.masked_fill(hidden, float("-inf"))

                    # Turn the logits into probabilities that add up to 1.
                    probs = torch.softmax(scaled, dim=-1)

                    # Draw one id: a likely id is drawn more often than an unlikely one.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Step 5: append the chosen id on the right (dim 1 runs along the text).
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue the prompt by n_words complete words and return the whole text."""
    # See the prompt as the tokenizer sees it (unknown characters look different).
    prompt_ids = tokenizer.encode(prompt)
    text = tokenizer.decode(prompt_ids)

    # Work out how many words the text must have at the end.
    words_wanted = len(text.split()) + n_words

    # The outer brackets add the first dimension: a list of T ids becomes (1, T).
    ids = torch.tensor([prompt_ids], dtype=torch.int64)

    # The range is the limit for a model that never produces a space.
    for _ in range(30 * n_words):
        # Append one id.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)

        # Turn that id into its character and append it to the text.
        new_character = tokenizer.decode([ids[0, -1].item()])
        text = text + new_character

        # A word is complete once whitespace follows it (a line break counts, as in split).
        # If it was the last word that we want, return the text without that whitespace.
        if new_character.isspace() and len(text.split()) >= words_wanted:
            return text[:-1]

    # The limit was reached: return what there is.
    return text
