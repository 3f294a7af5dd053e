import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # Refuse settings that make no sense (NaN means "not a number").
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more")

    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()
    block_size = model.config["block_size"]

    # Remember the model's mode (True = train, False = eval), then switch to eval.
    was_training = model.training
    model.eval()

    # "finally" below runs even if an error happens in here.
    try:
        # We only use the model, we do not train it: no gradients needed.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Step 1: show the model the last block_size ids.
                window = ids[:, -block_size:]
                logits = model(window)

                # Step 2: keep only the logits of the last position.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                # Step 3: choose the next id.
                if temperature == 0:
                    # No chance involved: the id with the highest logit wins.
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    # Below 1 makes the favourites stronger, above 1 makes them weaker.
                    scaled = last_logits / temperature

                    # Set all but the top_k best to -infinity: softmax makes that 0.
                    if top_k is not None:
                        k = min(top_k, scaled.shape[-1])
                        best_ids = torch.topk(scaled[0], k).indices
                        kept = torch.full_like(scaled, float("-inf"))
                        kept[0, best_ids] = scaled[0, best_ids]
                        scaled = kept

                    # Turn the logits into probabilities that add up to 1.
                    probs = torch.softmax(scaled, dim=-1)

                    # Draw one id: a higher probability is drawn more often.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Step 4: append the new id behind all the ids so far.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # Turn the prompt into ids; the outer [ ] makes it a batch of one row.
    prompt_ids = tokenizer.encode(prompt)
    ids = torch.tensor([prompt_ids], dtype=torch.int64)

    # Start from the prompt as the tokenizer sees it.
    text = tokenizer.decode(prompt_ids)

    # This is how many words the whole text must have at the end.
    goal = len(text.split()) + n_words

    # Append one character per round, but never more than 30 * n_words.
    for _ in range(30 * n_words):
        # Get one more id and turn all the ids back into text.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())

        # Only a space (or a line break) shows that the last word is complete.
        word_is_complete = text[-1:].isspace()
        if len(text.split()) >= goal and word_is_complete:
            # Return the text without that one closing space.
            return text[:-1]

    # The limit was reached first: return what there is.
    return text
