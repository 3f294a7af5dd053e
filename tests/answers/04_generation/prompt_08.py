# sampler.py
import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Continue ids, (1, T), by max_new_tokens ids, and return all of them."""
    # Refuse settings that make no sense. NaN needs its own check, because NaN < 0 is False.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")

    # Work on a copy, so that the caller's tensor stays their own.
    ids = ids.clone()
    block_size = model.config["block_size"]

    # Remember the model's mode, then switch to eval mode (this turns dropout off).
    was_training = model.training
    model.eval()

    # "finally" below runs even if an error stops the loop, so the mode is always put back.
    try:
        # We are not training here, so PyTorch need not track gradients.
        with torch.no_grad():
            for _ in range(max_new_tokens):
                # Crop: the model can look at no more than the last block_size ids.
                window = ids[:, -block_size:]

                # Run the model: logits for every position in the window.
                logits = model(window)
                vocab_size = logits.shape[-1]

                # Take the last position: its logits are about the id that comes next.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                if temperature == 0:
                    # Choose without chance: the id with the highest logit.
                    # (It is always among the top_k best, so top_k changes nothing here.)
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    # Temperature: below 1 widens the gaps between logits, above 1 narrows them.
                    scaled = last_logits / temperature

                    # top_k: start with -inf everywhere, then copy in only the best logits.
                    # Softmax turns -inf into probability 0, so those ids cannot be drawn.
                    if top_k is not None:
                        best = torch.topk(scaled, min(top_k, vocab_size))
                        only_best = torch.full_like(scaled, float("-inf"))
                        only_best[0, best.indices[0]] = best.values[0]
                        scaled = only_best

                    # Softmax: turn the logits into probabilities that add up to 1.
                    probs = torch.softmax(scaled, dim=-1)

                    # Draw one id: a higher probability means a better chance.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Append: torch.cat builds a new tensor that is one id longer.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Continue prompt by n_words complete words, and return the whole text."""
    # Turn the prompt into ids; the extra [ ] makes the shape (1, T).
    prompt_ids = tokenizer.encode(prompt)
    ids = torch.tensor([prompt_ids], dtype=torch.long)

    # The prompt as the tokenizer sees it; an unknown character has become "<unk>".
    text = tokenizer.decode(prompt_ids)

    # How many words the text must have in the end.
    target = len(text.split()) + n_words

    # Each round adds one character; the range is the limit for a model without spaces.
    for _ in range(30 * n_words):
        # Append one character. We keep the ids and never encode the text again,
        # because "<unk>" would then be read as five separate characters.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        text = tokenizer.decode(ids[0].tolist())

        # The last word is complete only when whitespace follows it. isspace() also accepts
        # a newline, because split() ends a word there too.
        if len(text.split()) >= target and text[-1].isspace():
            # That space only told us to stop, so leave it off.
            return text[:-1]

    # The limit was reached: return what there is.
    return text
