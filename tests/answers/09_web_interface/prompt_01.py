"""web.py: a page in the browser for the small GPT. The model is expected on the CPU."""

import torch


def next_characters(model, tokenizer, text, n=10):
    """Return the n most likely next tokens as a list of (token, probability)."""
    # Refuse what cannot work.
    if text == "":
        raise ValueError("The text is empty.")
    if n < 1:
        raise ValueError("n must be at least 1.")

    # Turn the text into ids.
    ids = tokenizer.encode(text)
    if len(ids) == 0:
        raise ValueError("The text has no tokens.")

    # Keep the last block_size ids, and add the batch dimension: shape (1, T).
    block_size = model.config["block_size"]
    x = torch.tensor([ids[-block_size:]], dtype=torch.int64)

    # Call the model in eval mode and without gradients.
    was_training = model.training
    try:
        model.eval()
        with torch.no_grad():
            logits = model(x)
    finally:
        # Go back to the old mode, after an error too.
        model.train(was_training)

    # Only the last place is about the next token: shape (vocab_size,).
    probabilities = torch.softmax(logits[0, -1].float(), dim=-1)

    # Take the n highest probabilities (or all, if there are fewer), highest first.
    n = min(n, len(probabilities))
    top_probabilities, top_ids = torch.topk(probabilities, n)

    # Write each id as text. tolist() makes normal Python numbers out of a tensor.
    pairs = []
    for token_id, probability in zip(top_ids.tolist(), top_probabilities.tolist()):
        pairs.append((tokenizer.decode([token_id]), probability))
    return pairs


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    """Add n_characters tokens to the prompt, and yield the whole text after each one."""
    # Refuse what cannot work. (In a generator, this runs when the first text is asked for.)
    if prompt == "":
        raise ValueError("The prompt is empty.")
    if temperature < 0:
        raise ValueError("temperature must not be below 0.")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1.")

    # Turn the prompt into ids. list() makes our own copy, because we will append to it.
    ids = list(tokenizer.encode(prompt))
    if len(ids) == 0:
        raise ValueError("The prompt has no tokens.")

    # Our own source of random numbers: PyTorch's global one is not touched.
    generator = torch.Generator()
    generator.manual_seed(seed)

    block_size = model.config["block_size"]

    for _ in range(n_characters):
        # The model sees the last block_size ids: shape (1, T).
        x = torch.tensor([ids[-block_size:]], dtype=torch.int64)

        # Call the model in eval mode and without gradients.
        was_training = model.training
        try:
            model.eval()
            with torch.no_grad():
                logits = model(x)
        finally:
            # Go back to the old mode, before anything is yielded and after an error too.
            model.train(was_training)

        # Only the last place is about the next token: shape (vocab_size,).
        last_logits = logits[0, -1].float()

        if temperature == 0:
            # No chance: take the token with the highest logit.
            next_id = int(torch.argmax(last_logits))
        else:
            # Keep the k highest logits and their ids. Without top_k, k is the whole vocabulary.
            k = len(last_logits)
            if top_k is not None:
                k = min(top_k, k)
            top_logits, top_ids = torch.topk(last_logits, k)

            # Make probabilities out of the logits that are left.
            probabilities = torch.softmax(top_logits / temperature, dim=-1)

            # Draw a place in the list of k tokens, and look up which id stands there.
            place = int(torch.multinomial(probabilities, 1, generator=generator))
            next_id = int(top_ids[place])

        # Add the new token, and hand out the text of all ids.
        ids.append(next_id)
        yield tokenizer.decode(ids)  # PREDICT: how often is the model called if somebody closes the page after 3 of 200 texts?


def build_page(model, tokenizer):
    """Build the page and return it. It is not launched here."""
    # Gradio is needed here only.
    import gradio as gr

    vocab_size = model.config["vocab_size"]

    # This generator runs when somebody presses "Write" or the Enter key.
    def write(prompt, n_characters, temperature, top_k, seed):
        # Say in a friendly way what is missing.
        if not prompt:
            raise gr.Error("Please type a few characters first, so that I can continue them.")
        if seed is None:
            raise gr.Error("Please type a whole number as the seed, for example 0.")

        # The text of stream starts with the prompt as the tokenizer writes it, maybe
        # with <unk> in it. Its length tells us where the new part starts.
        prompt_length = len(tokenizer.decode(tokenizer.encode(prompt)))

        # Sliders may give floats: int() makes whole numbers.
        texts = stream(
            model,
            tokenizer,
            prompt,
            n_characters=int(n_characters),
            temperature=temperature,
            top_k=int(top_k),
            seed=int(seed),
        )

        for text in texts:
            # The prompt as it was typed, and the new part.
            new_part = text[prompt_length:]
            pairs = next_characters(model, tokenizer, prompt + new_part, 10)

            # Make the dict for gr.Label. If two tokens look the same, add their probabilities.
            bars = {}
            for token, probability in pairs:
                name = token.replace(" ", "␣")
                bars[name] = bars.get(name, 0.0) + probability

            # Show the text and the bars.
            yield text, bars

    with gr.Blocks(title="My small GPT", analytics_enabled=False) as page:
        # The box for the prompt. With one line, the Enter key submits it.
        prompt_box = gr.Textbox(label="Prompt", lines=1)

        # The settings.
        n_slider = gr.Slider(1, 500, value=200, step=1, label="Number of characters")
        temperature_slider = gr.Slider(0, 2, value=0.8, step=0.1, label="Temperature")
        top_k_slider = gr.Slider(1, vocab_size, value=vocab_size, step=1, label="top_k")
        seed_box = gr.Number(value=0, precision=0, label="Seed")

        # The two buttons, side by side.
        with gr.Row():
            write_button = gr.Button("Write", variant="primary")
            stop_button = gr.Button("Stop")

        # The results: the text, and the bars of the next characters.
        text_box = gr.Textbox(label="Text", lines=10, interactive=False, buttons=["copy"])
        bars_label = gr.Label(label="Most likely next characters", num_top_classes=10)

        # The button and the Enter key start the same function.
        event = gr.on(
            [write_button.click, prompt_box.submit],
            write,
            inputs=[prompt_box, n_slider, temperature_slider, top_k_slider, seed_box],
            outputs=[text_box, bars_label],
        )

        # "Stop" cancels the function that is running.
        stop_button.click(None, cancels=event)

    return page
