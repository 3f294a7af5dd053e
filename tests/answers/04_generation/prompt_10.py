import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Append max_new_tokens new ids to ids: (1, T) -> (1, T + max_new_tokens)."""
    # Refuse a temperature that makes no sense (NaN means "not a number").
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")

    # Refuse a top_k that would leave no id to choose from.
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more, or None")

    # Look up how many ids the model can see at once.
    block_size = model.config["block_size"]

    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()

    # Remember the model's mode, then switch to eval mode (this turns dropout off).
    was_training = model.training
    model.eval()

    # "finally" below runs even if an error happens in here.
    try:
        # We are not training, so PyTorch need not keep track of gradients.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Crop: show the model only the last block_size ids.
                window = ids[:, -block_size:]

                # Ask: get the logits for every position in the window.
                all_logits = model(window)

                # Last position: keep only the logits for the id that comes next.
                logits = all_logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                if temperature == 0:
                    # Temperature 0: take the id with the highest logit.
                    next_id = torch.argmax(logits, dim=-1, keepdim=True)
                else:
                    # Scale: a low temperature widens the gaps between the logits.
                    logits = logits / temperature

                    if top_k is not None:
                        # Top k: a top_k above the vocabulary size counts as all.
                        k = min(top_k, logits.size(-1))

                        # Find the k best logits and the ids that they belong to.
                        best_logits, best_ids = torch.topk(logits, k, dim=-1)

                        # Start with minus infinity everywhere (probability 0) ...
                        nothing_kept = torch.full_like(logits, float("-inf"))

                        # ... and put the k best logits back in their places.
                        logits = nothing_kept.scatter(-1, best_ids, best_logits)

                    # Softmax: turn the logits into probabilities.
                    probs = torch.softmax(logits, dim=-1)

                    # Draw: pick one id at random, following the probabilities.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Append: put the new id behind the others.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue the prompt by n_words complete words and return the whole text."""
    # Turn the prompt into ids, and back into the text that the tokenizer sees.
    prompt_ids = tokenizer.encode(prompt)
    text = tokenizer.decode(prompt_ids)

    # Work out how many words the text must have at the end.
    target = len(text.split()) + n_words

    # Find out where the model's weights are (CPU or GPU); the ids must be there too.
    first_weight = next(model.parameters(), None)
    device = "cpu" if first_weight is None else first_weight.device

    # Put the ids in a tensor; the outer brackets add the 1 of (1, T).
    ids = torch.tensor([prompt_ids], dtype=torch.int64, device=device)

    # Stop after 30 * n_words characters, in case the model never produces a space.
    for _ in range(30 * n_words):
        # Append one character.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)

        # Read the text so far: ids[0] is the only row, tolist() makes it a list.
        text = tokenizer.decode(ids[0].tolist())

        # A word is complete once a space follows it (a newline also counts, as in split()).
        if len(text.split()) >= target and text[-1].isspace():
            # Leave off the space that ended the last word, and stop.
            text = text[:-1]
            break

    return text
