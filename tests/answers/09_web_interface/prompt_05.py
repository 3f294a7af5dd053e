import torch


def next_characters(model, tokenizer, text, n=10):
    # Refuse arguments that make no sense.
    if not text:
        raise ValueError("text must not be empty")
    if n < 1:
        raise ValueError("n must be at least 1")

    # Turn the text into a list of ids.
    ids = list(tokenizer.encode(text))
    if not ids:
        raise ValueError("text has no tokens")

    # Find out where the model's weights are (CPU or GPU).
    weight = next(model.parameters(), None)
    device = "cpu" if weight is None else weight.device

    # Keep the last block_size ids, as a tensor of shape (1, T).
    last_ids = ids[-model.config["block_size"]:]
    window = torch.tensor([last_ids], dtype=torch.int64, device=device)

    # Remember the mode of the model and of each part in it (True: training).
    modes = [(part, part.training) for part in model.modules()]
    try:
        # Call the model in eval mode and without gradients.
        model.eval()
        with torch.no_grad():
            # Batch entry 0, last place: one logit for each token.
            logits = model(window)[0, -1]
    finally:
        # Put every mode back, even if the model raised an error.
        for part, was_training in modes:
            part.training = was_training

    # Turn the logits into probabilities, on the CPU.
    probabilities = torch.softmax(logits.float().cpu(), dim=-1)

    # Take the n largest, or all of them if there are fewer than n.
    best = torch.topk(probabilities, min(n, len(probabilities)))

    # Make the pairs (token, probability), the most likely one first.
    pairs = []
    for token_id, probability in zip(best.indices.tolist(), best.values.tolist()):
        pairs.append((tokenizer.decode([token_id]), probability))
    return pairs


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    # Refuse arguments that make no sense.
    if not prompt:
        raise ValueError("prompt must not be empty")
    if temperature < 0:
        raise ValueError("temperature must not be below 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")

    # Turn the prompt into a list of ids; the new ids are added to this list.
    ids = list(tokenizer.encode(prompt))
    if not ids:
        raise ValueError("prompt has no tokens")

    # Find out where the model's weights are (CPU or GPU).
    weight = next(model.parameters(), None)
    device = "cpu" if weight is None else weight.device

    # Make our own source of random numbers; PyTorch's global one is not used.
    generator = torch.Generator(device="cpu")
    generator.manual_seed(seed)

    for _ in range(n_characters):
        # Keep the last block_size ids for the model, as a tensor of shape (1, T).
        last_ids = ids[-model.config["block_size"]:]
        window = torch.tensor([last_ids], dtype=torch.int64, device=device)

        # Remember the mode of the model and of each part in it (True: training).
        modes = [(part, part.training) for part in model.modules()]
        try:
            # Call the model in eval mode and without gradients.
            model.eval()
            with torch.no_grad():
                # Batch entry 0, last place: one logit for each token.
                logits = model(window)[0, -1]
        finally:
            # Put every mode back, even if the model raised an error.
            for part, was_training in modes:
                part.training = was_training

        # Bring the logits to the CPU, where our generator works.
        logits = logits.float().cpu()

        if temperature == 0:
            # Take the token with the highest logit.
            next_id = int(torch.argmax(logits))
        else:
            # Choose how many tokens may be drawn: all, or at most top_k.
            k = len(logits) if top_k is None else min(top_k, len(logits))

            # Get the k highest logits and their ids, the highest one first.
            best = torch.topk(logits, k)

            # Subtract the highest logit. This does not change the softmax, but
            # it avoids infinity when we divide by a very small temperature.
            scaled = (best.values - best.values[0]) / temperature
            probabilities = torch.softmax(scaled, dim=-1)

            # Draw one place among the k, and look up the id at that place.
            place = int(torch.multinomial(probabilities, 1, generator=generator))
            next_id = int(best.indices[place])

        # Add the new id, and hand out the whole text so far.
        ids.append(next_id)
        yield tokenizer.decode(ids)  # PREDICT: how often is the model called if somebody closes the page after 3 of 200 texts?


def build_page(model, tokenizer):
    # Import Gradio here, so the other two functions work without it.
    import gradio as gr

    vocab_size = model.config["vocab_size"]

    # This function runs when somebody presses "Write" or the Enter key.
    def write(prompt, n_characters, temperature, top_k, seed):
        # Ask for a prompt if there is none.
        if not prompt:
            raise gr.Error("Please type at least one character into the prompt box first.")

        # An empty seed box arrives as None; use 0 then.
        if seed is None:
            seed = 0

        # Measure the prompt as stream shows it: an unknown character is
        # shown as <unk>, so this can be longer than what was typed.
        shown_length = len(tokenizer.decode(tokenizer.encode(prompt)))

        # Take the texts from stream. Sliders may give floats, so use int().
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
            # Join the prompt as it was typed and the new part of the text.
            grown = prompt + text[shown_length:]

            # Make the dict for gr.Label, with every space shown as "␣".
            # If two tokens look the same, add their probabilities.
            bars = {}
            for token, probability in next_characters(model, tokenizer, grown, 10):
                name = token.replace(" ", "␣")
                bars[name] = bars.get(name, 0.0) + probability

            # Send the text and the bars to the page.
            yield text, bars

    with gr.Blocks(title="My small GPT", analytics_enabled=False) as page:
        # The box for the prompt; with one line, the Enter key submits it.
        prompt_box = gr.Textbox(label="Prompt", lines=1)

        # The settings.
        length_slider = gr.Slider(
            minimum=1, maximum=500, value=200, step=1, label="Number of characters"
        )
        temperature_slider = gr.Slider(
            minimum=0, maximum=2, value=0.8, step=0.1, label="Temperature"
        )
        top_k_slider = gr.Slider(
            minimum=1, maximum=vocab_size, value=vocab_size, step=1, label="Top k"
        )
        seed_box = gr.Number(value=0, precision=0, label="Seed")

        # The two buttons, side by side; a button's text is its label.
        with gr.Row():
            write_button = gr.Button("Write", variant="primary")
            stop_button = gr.Button("Stop")

        # The two outputs.
        text_box = gr.Textbox(label="Text", lines=10, interactive=False)
        bars_label = gr.Label(label="Most likely next characters", num_top_classes=10)

        # Start write with the button or with the Enter key.
        event = gr.on(
            [write_button.click, prompt_box.submit],
            write,
            inputs=[prompt_box, length_slider, temperature_slider, top_k_slider, seed_box],
            outputs=[text_box, bars_label],
        )

        # Cancel it with the other button.
        stop_button.click(None, cancels=event)

    return page
