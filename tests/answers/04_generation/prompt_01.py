# sampler.py: let a trained model continue a text.

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Append max_new_tokens ids: (1, T) int64 -> (1, T + max_new_tokens) int64."""
    # Refuse bad settings. NaN >= 0 is False, so "not" catches NaN as well.
    if not temperature >= 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more")

    # Work on a copy, so that the caller's tensor stays as it is.
    ids = ids.clone()
    block_size = model.config["block_size"]

    # Remember the model's mode, then switch to eval mode (this turns dropout off).
    was_training = model.training
    model.eval()

    # "finally" (at the end) runs even if something in here goes wrong.
    try:
        # We are not training, so PyTorch need not keep track of gradients.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Crop: keep only the last block_size ids.
                context = ids[:, -block_size:]

                # Run: get the logits for every position.
                logits = model(context)

                # Last position: keep only its logits.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                if temperature == 0:
                    # Temperature 0: take the id with the highest logit.
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    # Temperature above 0: divide the logits by it.
                    scaled = last_logits / temperature

                    if top_k is not None:
                        # Top k: find the ids of the best logits (at most all of them).
                        vocab_size = logits.shape[-1]
                        best_ids = torch.topk(last_logits, min(top_k, vocab_size)).indices

                        # Mark every id as dropped, then unmark the best ones.
                        dropped = torch.ones_like(scaled, dtype=torch.bool)
                        dropped = dropped.scatter(-1, best_ids, False)

                        # Minus infinity becomes probability 0 in the softmax.
                        scaled = scaled.masked_fill(dropped, float("-inf"))

                    # Softmax: turn the logits into probabilities.
                    probs = torch.softmax(scaled, dim=-1)

                    # Draw: pick one id at random, by these probabilities.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Append: put the new id behind the others.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue the prompt by n_words complete words and return the whole text."""
    # Encode the prompt; the extra [ ] makes it one row of ids: (1, T).
    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)

    # Decode it again, to get the prompt as the tokenizer sees it.
    text = tokenizer.decode(ids[0].tolist())

    # Work out how many words the text must have in the end.
    target = len(text.split()) + n_words

    # Add one character at a time, but never more than 30 * n_words.
    for _ in range(30 * n_words):
        # Let the model append one id.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)

        # Turn all the ids so far into text.
        text = tokenizer.decode(ids[0].tolist())

        # A word is complete once a space follows it (a line break counts too, as in split).
        if text[-1:].isspace() and len(text.split()) >= target:
            # Leave off that last space and stop.
            text = text[:-1]
            break

    return text
