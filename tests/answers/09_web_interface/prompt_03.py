import torch


def next_characters(model, tokenizer, text, n=10):
    """Return the n most likely next tokens as a list of (token, probability)."""
    # Refuse what cannot work.
    if text == "":
        raise ValueError("The text is empty: the model needs at least one character.")
    if n < 1:
        raise ValueError("n must be at least 1.")

    # Turn the text into ids, and keep only as many as the model can look at.
    ids = tokenizer.encode(text)
    seen = ids[-model.config["block_size"]:]

    # The model wants a batch, so this has the shape (1, T).
    x = torch.tensor([seen], dtype=torch.int64)

    # Call the model in eval mode, without gradients.
    was_training = model.training
    try:
        model.eval()
        with torch.no_grad():
            logits = model(x)
    finally:
        # Put the old mode back, after an error too.
        model.train(was_training)

    # Only the last place is about the token after the text.
    probabilities = torch.softmax(logits[0, -1], dim=-1)

    # topk sorts: the most likely token comes first.
    k = min(n, len(probabilities))
    top_probabilities, top_ids = torch.topk(probabilities, k)

    # Write each id as text; tolist() gives ordinary Python numbers.
    pairs = []
    for token_id, probability in zip(top_ids.tolist(), top_probabilities.tolist()):
        pairs.append((tokenizer.decode([token_id]), probability))
    return pairs


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    """Add tokens to the prompt; yield the whole text after each one."""
    # Refuse what cannot work.
    if prompt == "":
        raise ValueError("The prompt is empty: the model needs at least one character.")
    if temperature < 0:
        raise ValueError("temperature must be 0 or more.")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1.")

    # Our own random numbers: PyTorch's global ones stay as they are.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # All ids of the text: the prompt's now, the new ones later.
    ids = list(tokenizer.encode(prompt))

    for _ in range(n_characters):
        # Show the model only the last ids, in the shape (1, T).
        seen = ids[-model.config["block_size"]:]
        x = torch.tensor([seen], dtype=torch.int64)

        # Call the model in eval mode, without gradients.
        was_training = model.training
        try:
            model.eval()
            with torch.no_grad():
                logits = model(x)
        finally:
            # Put the old mode back, after an error too.
            model.train(was_training)

        # Only the last place is about the next token.
        last = logits[0, -1]

        if temperature == 0:
            # No chance: take the token with the highest logit.
            next_id = int(torch.argmax(last))
        else:
            # Without top_k, or with a very large one, keep all tokens.
            k = len(last)
            if top_k is not None:
                k = min(top_k, k)

            # The k highest logits, and the ids that they belong to.
            top_logits, top_ids = torch.topk(last, k)

            # Subtracting the highest logit changes no probability,
            # but keeps the numbers finite when the temperature is tiny.
            scaled = (top_logits - top_logits.max()) / temperature
            probabilities = torch.softmax(scaled, dim=-1)

            # Draw a place among the k, then look up its id.
            place = torch.multinomial(probabilities, 1, generator=generator)
            next_id = int(top_ids[place])

        # Add the new id, then decode all ids together: a character
        # that is made of two tokens comes out right only this way.
        ids.append(next_id)
        yield tokenizer.decode(ids)  # PREDICT: how often is the model called if somebody closes the page after 3 of 200 texts?


def build_page(model, tokenizer):
    """Build the page and return it, without starting it."""
    # Imported here, so that the two functions above work without Gradio.
    import gradio as gr

    # The function behind the button "Write" and the Enter key.
    def write(prompt, n_characters, temperature, top_k, seed):
        # Friendly sentences instead of a crash.
        if not prompt:
            raise gr.Error("Please type at least one character, so that the model has a beginning.")
        if seed is None:
            raise gr.Error("Please type a whole number as the seed, for example 0.")

        # The prompt as the tokenizer writes it: here an unknown
        # character is <unk>, so its length can differ from the prompt's.
        start = tokenizer.decode(tokenizer.encode(prompt))

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
            # Cut off the beginning: what is left is the new part.
            new_part = text[len(start):]

            # The bars: what could follow the prompt as typed and the new part?
            bars = {}
            for token, probability in next_characters(model, tokenizer, prompt + new_part, n=10):
                # A space would be invisible, so show a sign for it.
                name = token.replace(" ", "␣")
                # Two tokens can look the same (halves of characters, for
                # example): then they share one bar, and we add them up.
                bars[name] = bars.get(name, 0.0) + probability

            # One value for each output: the text and the bars.
            yield text, bars

    with gr.Blocks(title="My small GPT", analytics_enabled=False) as page:
        # What the visitor can set.
        # lines=1: in a box of one line, the Enter key submits.
        prompt_box = gr.Textbox(label="Prompt", lines=1)
        length_slider = gr.Slider(1, 500, value=200, step=1, label="Number of characters")
        temperature_slider = gr.Slider(0, 2, value=0.8, step=0.1, label="Temperature")
        vocab_size = model.config["vocab_size"]
        top_k_slider = gr.Slider(1, vocab_size, value=vocab_size, step=1, label="top_k")
        seed_box = gr.Number(value=0, precision=0, label="Seed")

        # The two buttons, side by side.
        with gr.Row():
            write_button = gr.Button("Write")
            stop_button = gr.Button("Stop")

        # What the visitor gets to see.
        text_box = gr.Textbox(label="Text", lines=10, interactive=False)
        bars_label = gr.Label(label="The 10 most likely next characters", num_top_classes=10)

        # Button and Enter key start the same function.
        event = gr.on(
            [write_button.click, prompt_box.submit],
            write,
            inputs=[prompt_box, length_slider, temperature_slider, top_k_slider, seed_box],
            outputs=[text_box, bars_label],
        )

        # Stop runs no function of its own: it cancels the writing.
        stop_button.click(None, cancels=event)

    return page
