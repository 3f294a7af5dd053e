# sampler.py
import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Append max_new_tokens new ids to ids, which must hold at least one id."""
    # Refuse settings that make no sense (NaN means "not a number").
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more, or None")

    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()
    block_size = model.config["block_size"]

    # Remember the model's mode, then switch to eval mode (this turns dropout off).
    was_training = model.training
    model.eval()

    # "finally" below runs even if an error happens in here.
    try:
        # We are not training, so PyTorch need not prepare any gradients.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # 1. Crop: the model can look at block_size ids at most.
                window = ids[:, -block_size:]

                # 2. Ask the model for its logits.
                logits = model(window)

                # 3. Keep only the logits of the last position.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                # 4. Choose the next id.
                if temperature == 0:
                    # No chance involved: take the id with the highest logit.
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    # Below 1 favours the best ids more, above 1 evens them out.
                    last_logits = last_logits / temperature

                    if top_k is not None:
                        # Find the k best logits and the ids they belong to.
                        k = min(top_k, last_logits.shape[-1])
                        best_logits, best_ids = torch.topk(last_logits, k, dim=-1)

                        # Start with minus infinity everywhere (probability 0),
                        # then put the k best logits back in their places.
                        nothing = torch.full_like(last_logits, float("-inf"))
                        last_logits = nothing.scatter(-1, best_ids, best_logits)

                    # Turn the logits into probabilities that add up to 1.
                    probs = torch.softmax(last_logits, dim=-1)

                    # Draw one id: a higher probability is a better chance.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # 5. Append the new id behind the others (cat builds a new tensor).
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue the prompt, which must not be empty, by n_words complete words."""
    # Find out where the model's weights are (CPU or GPU): the ids must be there too.
    first_weight = next(model.parameters(), None)
    device = None if first_weight is None else first_weight.device

    # Encode the prompt; the extra [ ] makes it one row, so the shape is (1, T).
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.long, device=device)

    # Read the prompt as the tokenizer sees it, and count its words.
    text = tokenizer.decode(ids[0].tolist())
    prompt_words = len(text.split())

    # Append one character at a time, but never more than 30 * n_words.
    for _ in range(30 * n_words):
        # Let generate add one id.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)

        # Turn all the ids back into text, and count the new words.
        text = tokenizer.decode(ids[0].tolist())
        new_words = len(text.split()) - prompt_words

        # The last word is complete once a space (or a line break) follows it.
        if new_words >= n_words and text[-1].isspace():
            # Leave out that one space, and stop.
            text = text[:-1]
            break

    return text
