import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # Refuse settings that make no sense, before anything else happens.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more")

    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()

    # Remember the model's mode, then switch to eval mode (no dropout).
    was_training = model.training
    model.eval()

    # "finally" below runs even if an error happens in here.
    try:
        # We are not training, so PyTorch need not keep track of gradients.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Window: the last block_size ids (or all, if there are fewer).
                window = ids[:, -model.config["block_size"] :]

                # Model: scores for the next id, at every position.
                logits = model(window)

                # Last position: only these scores are about the new id.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                if temperature == 0:
                    # Temperature 0: take the id with the highest score.
                    # keepdim=True keeps the dimensions that torch.cat needs below.
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    # Other temperatures: low sharpens the scores, high flattens them.
                    scores = last_logits / temperature

                    if top_k is not None:
                        # Top k: find the best scores and the ids they belong to.
                        # min() makes a top_k above the vocabulary size count as all.
                        k = min(top_k, scores.shape[-1])
                        best_scores, best_ids = torch.topk(scores, k, dim=-1)

                        # Set every score to minus infinity, then put the best
                        # ones back in their own places.
                        scores = torch.full_like(scores, float("-inf"))
                        scores = scores.scatter(-1, best_ids, best_scores)

                    # Softmax: turn the scores into probabilities.
                    probs = torch.softmax(scores, dim=-1)

                    # Draw: pick one id at random, by its probability.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Append: put the new id behind the others.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # Turn the prompt into ids; the outer [ ] adds the batch dimension of 1.
    prompt_ids = tokenizer.encode(prompt)
    ids = torch.tensor([prompt_ids], dtype=torch.int64)

    # If the model has weights, move the ids to the same device (CPU or GPU).
    first_weight = next(model.parameters(), None)
    if first_weight is not None:
        ids = ids.to(first_weight.device)

    # Start from the prompt as the tokenizer sees it, and set the word goal.
    text = tokenizer.decode(prompt_ids)
    words_wanted = len(text.split()) + n_words

    # Append one character at a time, but never more than 30 * n_words.
    for _ in range(30 * n_words):
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())

        # Done: enough words, and a space shows that the last one is complete.
        # isspace() also accepts a newline, because split() ends words there too.
        enough_words = len(text.split()) >= words_wanted
        if enough_words and text[-1].isspace():
            # Leave out that final space: it only told us that the word ended.
            text = text[:-1]
            break

    return text
