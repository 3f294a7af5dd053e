# sampler.py
import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Continue ids by max_new_tokens ids: (1, T) -> (1, T + max_new_tokens)."""
    # Refuse settings that make no sense, before anything else happens.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more (or None)")

    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()
    block_size = model.config["block_size"]

    # Remember the model's mode (True means train mode), then switch to eval mode.
    was_training = model.training
    model.eval()

    # "finally" below runs even if an error happens in here.
    try:
        # We are not training, so PyTorch need not keep track of gradients.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # 1. Crop: keep the last block_size ids (or all, if there are fewer).
                window = ids[:, -block_size:]

                # 2. Ask the model: logits at every position of the window.
                logits = model(window)

                # 3. Take the logits of the last position.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                # 4. Choose the next id.
                if temperature == 0:
                    # No chance involved: the id with the highest logit.
                    # keepdim=True keeps the dimension that we need for appending.
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    # A low temperature spreads the logits apart (safer choices),
                    # a high one pulls them together (more surprising choices).
                    scaled = last_logits / temperature

                    if top_k is not None:
                        # Find the k best logits and their ids (k is at most "all").
                        k = min(top_k, scaled.size(-1))
                        best_logits, best_ids = torch.topk(scaled, k, dim=-1)
                        # Start with -inf everywhere, which softmax turns into
                        # probability 0, then put the k best back in their places.
                        scaled = torch.full_like(scaled, float("-inf"))
                        scaled = scaled.scatter(-1, best_ids, best_logits)

                    # Turn the logits into probabilities that add up to 1.
                    probs = torch.softmax(scaled, dim=-1)

                    # Draw one id: a probability of 0.3 is chosen 30% of the time.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # 5. Append: cat builds a new, longer tensor.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue prompt by n_words complete words and return the whole text."""
    # The input must be on the same device (CPU or GPU) as the model's parameters.
    # If the model has no parameters, next gives None, and we use the CPU.
    first_parameter = next(model.parameters(), None)
    device = "cpu" if first_parameter is None else first_parameter.device

    # Turn the prompt into ids; the extra [ ] makes the shape (1, T).
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64, device=device)

    # Turn the ids back into text: this is the prompt as the tokenizer sees it.
    text = tokenizer.decode(ids[0].tolist())

    # Count how many words we want to have in the end.
    target = len(text.split()) + n_words

    # A model may never produce a space, so the number of characters is limited.
    for _ in range(30 * n_words):
        # Append one character.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())

        # Only a space (or a line break) after the last word shows that it is complete.
        if len(text.split()) >= target and text[-1].isspace():
            # Return everything but that last space.
            return text[:-1]

    # The limit was reached: return what we have.
    return text
