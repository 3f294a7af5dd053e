"""web.py: a small web page for the GPT.

The model and the tokenizer are passed in, so nothing is imported from other files.
The ids are made on the CPU, so the model should be on the CPU too.
"""

import torch


def next_characters(model, tokenizer, text, n=10):
    """Return the n most likely next tokens as a list of (token, probability)."""
    # Refuse values that make no sense.
    if n < 1:
        raise ValueError("n must be at least 1")
    if text == "":
        raise ValueError("the text must not be empty")

    # Turn the text into ids. A tokenizer could drop everything, so check again.
    ids = tokenizer.encode(text)
    if len(ids) == 0:
        raise ValueError("the text has no tokens")

    # Keep the last block_size ids. The extra [ ] gives the shape (1, T).
    x = torch.tensor([ids[-model.config["block_size"]:]], dtype=torch.int64)

    # Remember the mode, so that it can be restored.
    was_training = model.training
    try:
        # eval mode switches dropout off.
        model.eval()
        # Without gradients, take the logits at the last place: shape (vocab_size,).
        with torch.no_grad():
            logits = model(x)[0, -1]
    finally:
        # This runs after an error too.
        model.train(was_training)

    # Turn the logits into probabilities that add up to 1.
    probabilities = torch.softmax(logits.float(), dim=-1)

    # A small vocabulary may have fewer than n tokens.
    n = min(n, len(probabilities))

    # topk sorts: the most likely token comes first.
    top_probabilities, top_ids = torch.topk(probabilities, n)

    # tolist() turns the tensors into ordinary Python numbers.
    pairs = []
    for token_id, probability in zip(top_ids.tolist(), top_probabilities.tolist()):
        pairs.append((tokenizer.decode([token_id]), probability))
    return pairs


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    """Continue the prompt, and yield the whole text after each new token."""
    # Refuse values that make no sense. In a generator, these lines run
    # when the first text is asked for.
    if prompt == "":
        raise ValueError("the prompt must not be empty")
    if temperature < 0:
        raise ValueError("temperature must not be below 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")

    # Turn the prompt into ids. list() makes a copy of our own that can grow.
    ids = list(tokenizer.encode(prompt))
    if len(ids) == 0:
        raise ValueError("the prompt has no tokens")

    # Our own source of random numbers: PyTorch's global one is not touched.
    generator = torch.Generator()
    generator.manual_seed(seed)

    for _ in range(n_characters):
        # The model sees only the last block_size ids, but ids itself stays whole.
        x = torch.tensor([ids[-model.config["block_size"]:]], dtype=torch.int64)

        # Look at the mode in every round: others may have changed it meanwhile.
        was_training = model.training
        try:
            # eval mode switches dropout off.
            model.eval()
            # Without gradients, take the logits at the last place: shape (vocab_size,).
            with torch.no_grad():
                logits = model(x)[0, -1].float()
        finally:
            # Restore the mode before anything is yielded, after an error too.
            model.train(was_training)

        if temperature == 0:
            # No chance involved: take the token with the highest logit.
            next_id = torch.argmax(logits).item()
        else:
            # How many tokens take part in the draw? Never more than there are.
            k = len(logits)
            if top_k is not None:
                k = min(top_k, k)

            # The k highest logits, the highest one first, and the ids they belong to.
            best_logits, best_ids = torch.topk(logits, k)

            # Subtracting the highest logit from all does not change the softmax,
            # but keeps the numbers from overflowing at a tiny temperature.
            best_logits = best_logits - best_logits[0]
            probabilities = torch.softmax(best_logits / temperature, dim=-1)

            # Draw a place in the list of the k best, then look up its id.
            place = torch.multinomial(probabilities, 1, generator=generator).item()
            next_id = best_ids[place].item()

        # Add the new token.
        ids.append(next_id)

        # Decode all ids together: a character may be made of two tokens.
        yield tokenizer.decode(ids)  # PREDICT: how often is the model called if somebody closes the page after 3 of 200 texts?


def build_page(model, tokenizer):
    """Build the page and return it, without starting it."""
    # Gradio is needed only here.
    import gradio as gr

    # The function behind the page. Its inputs come from the parts below, in this order.
    def write(prompt, n_characters, temperature, top_k, seed):
        # gr.Error shows its sentence as a message on the page.
        if not prompt:
            raise gr.Error("Please type a few characters first, so that the model has something to continue.")
        # An emptied number box gives None.
        if seed is None:
            raise gr.Error("Please type a whole number as the seed, for example 0.")

        # The prompt as stream will show it: unknown characters have become <unk>.
        shown_prompt = tokenizer.decode(tokenizer.encode(prompt))

        # Slider values may be floats, so int() makes whole numbers.
        texts = stream(
            model,
            tokenizer,
            prompt,
            n_characters=int(n_characters),
            temperature=float(temperature),
            top_k=int(top_k),
            seed=int(seed),
        )

        for text in texts:
            # Cut the shown prompt off: what remains is the new part.
            new_part = text[len(shown_prompt):]

            # Ask for the bars with the prompt as it was typed, plus the new part.
            pairs = next_characters(model, tokenizer, prompt + new_part, n=10)

            # gr.Label wants a dict. Two tokens may look the same: then add them up.
            bars = {}
            for token, probability in pairs:
                name = token.replace(" ", "␣")
                bars[name] = bars.get(name, 0.0) + probability

            # One value for each output: the text box and the bars.
            yield text, bars

    # The slider for top_k ends at the size of the vocabulary.
    vocab_size = model.config["vocab_size"]

    with gr.Blocks(title="My small GPT", analytics_enabled=False) as page:
        # With a single line, the Enter key submits the box.
        prompt_box = gr.Textbox(label="Prompt", lines=1, max_lines=1)

        # The settings.
        n_slider = gr.Slider(minimum=1, maximum=500, value=200, step=1, label="Number of characters")
        temperature_slider = gr.Slider(minimum=0, maximum=2, value=0.8, step=0.1, label="Temperature")
        top_k_slider = gr.Slider(minimum=1, maximum=vocab_size, value=vocab_size, step=1, label="top_k")
        seed_number = gr.Number(value=0, precision=0, label="Seed")

        # The two buttons stand side by side. Their words are their labels.
        with gr.Row():
            write_button = gr.Button("Write", variant="primary")
            stop_button = gr.Button("Stop")

        # The outputs. People cannot type into this text box.
        text_box = gr.Textbox(label="Text", lines=10, interactive=False)
        bars_label = gr.Label(label="Most likely next characters", num_top_classes=10)

        # The button and the Enter key start the same function.
        event = gr.on(
            [write_button.click, prompt_box.submit],
            write,
            inputs=[prompt_box, n_slider, temperature_slider, top_k_slider, seed_number],
            outputs=[text_box, bars_label],
        )

        # Stop runs no function of its own: it only cancels the writing.
        stop_button.click(None, cancels=event)

    return page
