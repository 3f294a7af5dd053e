"""sampler.py: let a trained model write text, one id at a time."""

import math

import torch


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Return ids with max_new_tokens new ids behind them."""

    # Refuse settings that make no sense, before anything is changed.
    if math.isnan(temperature) or temperature < 0:
        raise ValueError("temperature must be 0 or more")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be 1 or more, or None")

    # The model needs at least one id to continue from.
    if max_new_tokens > 0 and ids.shape[1] == 0:
        raise ValueError("the prompt must hold at least one id")

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
                # Crop: show the model the last block_size ids at most.
                window = ids[:, -block_size:]

                # Ask the model for its logits at every position.
                logits = model(window)

                # Keep the logits of the last position only.
                last_logits = logits[:, -1, :]  # PREDICT: what shape is this for a prompt of 5 ids?

                if temperature == 0:
                    # Choose without chance: the id with the highest logit.
                    # keepdim=True keeps two dimensions, so that it fits behind ids.
                    next_id = torch.argmax(last_logits, dim=-1, keepdim=True)
                else:
                    # Below 1 the favourites gain, above 1 the outsiders gain.
                    scaled = last_logits / temperature

                    if top_k is not None:
                        # There are no more logits to keep than the vocabulary has.
                        k = min(top_k, scaled.shape[-1])

                        # Find the k best logits, and the ids that they belong to.
                        best_logits, best_ids = torch.topk(scaled, k, dim=-1)

                        # Start with -inf everywhere: softmax turns -inf into probability 0.
                        scaled = torch.full_like(scaled, float("-inf"))

                        # Put the k best logits back in their own places.
                        scaled = scaled.scatter(-1, best_ids, best_logits)

                    # Turn the logits into probabilities that add up to 1.
                    probs = torch.softmax(scaled, dim=-1)

                    # Draw one id by chance, following those probabilities.
                    next_id = torch.multinomial(probs, num_samples=1, generator=generator)

                # Append the new id; torch.cat builds a new, longer tensor.
                ids = torch.cat([ids, next_id], dim=1)
    finally:
        # Put the model back in the mode that it was in.
        model.train(was_training)

    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    """Return the prompt, as the tokenizer sees it, continued by n_words words."""

    # Turn the prompt into ids, and back into the text that the tokenizer sees.
    prompt_ids = tokenizer.encode(prompt)
    text = tokenizer.decode(prompt_ids)

    # The ids must be on the same device (CPU or GPU) as the model's weights.
    first_weight = next(model.parameters(), None)
    device = "cpu" if first_weight is None else first_weight.device

    # The extra [ ] makes it a batch of one. dtype=torch.long means int64.
    ids = torch.tensor([prompt_ids], dtype=torch.long, device=device)

    # Count the words that the finished text must have.
    wanted_words = len(text.split()) + n_words

    # Append one character per turn, and give up after 30 * n_words of them.
    for _ in range(30 * n_words):
        # Let generate choose one more character.
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)

        # ids[0] is the only row of the batch; decode wants a plain list.
        text = tokenizer.decode(ids[0].tolist())

        # The last word is complete once whitespace follows it.
        # split() separates words at line breaks too, so isspace() accepts them as well.
        if len(text.split()) >= wanted_words and text[-1:].isspace():
            # Leave out that closing whitespace character.
            return text[:-1]

    # The limit was reached first: return what there is.
    return text
