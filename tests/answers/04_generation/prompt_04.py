# sampler.py
import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Continue ids, (1, T) int64, by max_new_tokens new ids."""

    # Refuse bad settings before anything else happens.
    # NaN needs its own check, because NaN < 0 is False.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more")
    # Without any id there is no last position to continue from.
    if ids.shape[1] == 0:
        raise ValueError("the prompt must hold at least one id")

    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()
    block_size = model.config["block_size"]

    # Remember the mode (True = train, False = eval), then switch to eval mode,
    # which turns dropout off.
    was_training = model.training
    model.eval()

    # "finally" below runs even if an error stops the loop.
    try:
        # We only use the model here and do not train it, so no gradients.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Look: the last block_size ids (or all, if there are fewer).
                window = ids[:, -block_size:]

                # Score: logits for every position in the window.
                logits = model(window)

                # Focus: only the logits of the last position.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                if temperature == 0:
                    # Choose without chance: the id with the highest logit.
                    # keepdim=True keeps the dimension that torch.cat needs below.
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    if top_k is not None:
                        # Find the best logits; k cannot exceed the vocabulary size.
                        k = min(top_k, logits.shape[-1])
                        best = torch.topk(last_logits, k, dim=-1)

                        # Start with -inf everywhere (softmax turns -inf into
                        # probability 0), then put the best logits back in place.
                        nothing = torch.full_like(last_logits, float("-inf"))
                        last_logits = nothing.scatter(-1, best.indices, best.values)

                    # Below 1, temperature favors the best ids; above 1, it evens
                    # them out. Softmax turns the logits into probabilities.
                    probs = torch.softmax(last_logits / temperature, dim=-1)

                    # Choose with chance: draw one id by these probabilities.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Append: put the new id behind all the others.
                # torch.cat builds a new tensor; it changes neither of the old ones.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue the text prompt by n_words complete words."""

    # Turn the prompt into ids, and back into the text that the tokenizer sees.
    prompt_ids = tokenizer.encode(prompt)
    text = tokenizer.decode(prompt_ids)

    # The number of words that we want to reach in total.
    target = len(text.split()) + n_words

    # Find out where the model's weights are (CPU or GPU): the ids must be there too.
    # A model without any weights gets its ids on PyTorch's default device.
    first_weight = next(model.parameters(), None)
    device = None if first_weight is None else first_weight.device

    # The extra pair of brackets turns T ids into the shape (1, T).
    ids = torch.tensor([prompt_ids], dtype=torch.long, device=device)

    # Stop after 30 * n_words characters, even if the model never produces a space.
    for _ in range(30 * n_words):
        # Append one character.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)

        # Turn all the ids so far into text.
        text = tokenizer.decode(ids[0].tolist())

        # The last word is complete only when whitespace follows it.
        # text[-1:] is the last character.
        enough_words = len(text.split()) >= target
        if enough_words and text[-1:].isspace():
            # Leave out that final whitespace: it only told us that the word ended.
            text = text[:-1]
            break

    return text
