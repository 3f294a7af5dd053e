"""web.py - a page in the browser for a small GPT."""

import torch


def next_characters(model, tokenizer, text, n=10):
    """Return the n most likely next tokens as a list of (token, probability)."""
    # Check the arguments.
    if not text:
        raise ValueError("The text must not be empty.")
    if n < 1:
        raise ValueError("n must be at least 1.")

    # Find out where the model lives (CPU or GPU): the ids must be there too.
    parameter = next(model.parameters(), None)
    device = "cpu" if parameter is None else parameter.device

    # Turn the text into ids and keep only the last block_size of them.
    ids = tokenizer.encode(text)
    window = ids[-model.config["block_size"]:]

    # Put the ids into a tensor with the shape (1, T).
    x = torch.tensor([window], dtype=torch.int64, device=device)

    # Call the model in eval mode, without gradients.
    # "finally" puts the old mode back, after an error too.
    was_training = model.training
    try:
        model.eval()
        with torch.no_grad():
            logits = model(x)
    finally:
        model.train(was_training)

    # Take the logits at the last place and turn them into probabilities.
    last_logits = logits[0, -1].cpu().double()
    probabilities = torch.softmax(last_logits, dim=0)

    # Pick the n biggest, the biggest one first (or all, if there are fewer than n).
    n = min(n, len(probabilities))
    best = torch.topk(probabilities, n)

    # Write each id as text, next to its probability as a Python float.
    pairs = []
    for token_id, probability in zip(best.indices.tolist(), best.values.tolist()):
        pairs.append((tokenizer.decode([token_id]), probability))
    return pairs


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    """Add n_characters tokens to the prompt; yield the whole text after each one."""
    # Check the arguments.
    if not prompt:
        raise ValueError("The prompt must not be empty.")
    if temperature < 0:
        raise ValueError("The temperature must not be below 0.")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1.")

    # Make our own random numbers, so that PyTorch's global ones are not touched.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # Find out where the model lives (CPU or GPU): the ids must be there too.
    parameter = next(model.parameters(), None)
    device = "cpu" if parameter is None else parameter.device

    # Start with the ids of the prompt. list() makes a copy that we may change.
    ids = list(tokenizer.encode(prompt))

    for _ in range(n_characters):
        # Put the last block_size ids into a tensor with the shape (1, T).
        window = ids[-model.config["block_size"]:]
        x = torch.tensor([window], dtype=torch.int64, device=device)

        # Call the model in eval mode, without gradients.
        # "finally" puts the old mode back, after an error too.
        was_training = model.training
        try:
            model.eval()
            with torch.no_grad():
                logits = model(x)
        finally:
            model.train(was_training)

        # Take the logits at the last place: they are about the next token.
        last_logits = logits[0, -1].cpu().double()

        if temperature == 0:
            # No chance involved: take the token with the highest logit.
            new_id = last_logits.argmax().item()
        else:
            # Decide how many tokens may be drawn: all of them, or at most top_k.
            k = len(last_logits)
            if top_k is not None:
                k = min(top_k, k)

            # Take the k highest logits, the highest one first.
            best = torch.topk(last_logits, k)

            # Turn them into probabilities. Subtracting the highest logit does not
            # change the softmax, but keeps a tiny temperature from giving infinity.
            scaled = (best.values - best.values[0]) / temperature
            probabilities = torch.softmax(scaled, dim=0)

            # Draw one of the k places, and look up which id stands there.
            place = torch.multinomial(probabilities, 1, generator=generator).item()
            new_id = best.indices[place].item()

        # Add the new id to the others.
        ids.append(new_id)

        # Decode all ids together, the prompt's too, and hand out the whole text.
        yield tokenizer.decode(ids)  # PREDICT: how often is the model called if somebody closes the page after 3 of 200 texts?


def build_page(model, tokenizer):
    """Build the page and return it, without starting it."""
    # Import Gradio only here: the other two functions work without it.
    import gradio as gr

    # Read how many tokens there are: this is the highest value for top_k.
    vocab_size = model.config["vocab_size"]

    # This function runs when somebody clicks "Write" or presses Enter.
    def write(prompt, n_characters, temperature, top_k, seed):
        # Say it in a friendly way if something is missing.
        if not prompt:
            raise gr.Error("Please type a beginning first, so that the model can go on from there.")
        if seed is None:
            raise gr.Error("Please type a whole number as the seed, for example 0.")

        # Measure how long the prompt is once it is decoded: an unknown character
        # is one character as it was typed, but <unk> has five.
        prompt_length = len(tokenizer.decode(tokenizer.encode(prompt)))

        # Make the stream. The sliders may give floats, so use int().
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
            # Cut off the decoded prompt: what remains is the new part.
            new_part = text[prompt_length:]

            # Ask for the next characters after the typed prompt and the new part.
            pairs = next_characters(model, tokenizer, prompt + new_part, n=10)

            # Make the dict for gr.Label, with spaces that can be seen.
            # If two tokens look the same, add up their probabilities.
            bars = {}
            for token, probability in pairs:
                name = token.replace(" ", "␣")
                bars[name] = bars.get(name, 0.0) + probability

            # Show the text and the bars.
            yield text, bars

    with gr.Blocks(title="My small GPT", analytics_enabled=False) as page:
        # The box for the prompt. With one line, the Enter key submits it.
        prompt_box = gr.Textbox(label="Prompt", lines=1)

        # The sliders and the seed.
        with gr.Row():
            n_slider = gr.Slider(1, 500, value=200, step=1, label="Number of characters")
            temperature_slider = gr.Slider(0, 2, value=0.8, step=0.05, label="Temperature")
        with gr.Row():
            top_k_slider = gr.Slider(1, vocab_size, value=vocab_size, step=1, label="top_k")
            seed_box = gr.Number(value=0, precision=0, minimum=0, maximum=2**31 - 1, label="Seed")

        # The two buttons. The text on a button is its label.
        with gr.Row():
            write_button = gr.Button("Write", variant="primary")
            stop_button = gr.Button("Stop", variant="stop")

        # The text, and the bars of the next characters.
        text_box = gr.Textbox(label="Text", lines=10, interactive=False, buttons=["copy"])
        bars_label = gr.Label(label="Most likely next characters", num_top_classes=10)

        # The button and the Enter key start the same function.
        event = gr.on(
            [write_button.click, prompt_box.submit],
            write,
            inputs=[prompt_box, n_slider, temperature_slider, top_k_slider, seed_box],
            outputs=[text_box, bars_label],
        )

        # Stop cancels it.
        stop_button.click(None, cancels=event)

    return page
