import torch


def last_logits(model, ids):
    # A text can be non-empty and still give no ids, if the tokenizer drops characters.
    if not ids:
        raise ValueError("the tokenizer gave no ids for this text")
    # The model can see at most block_size ids, so keep the last ones.
    window = ids[-model.config["block_size"]:]
    # The ids must be on the same device as the weights.
    weight = next(model.parameters(), None)
    device = None if weight is None else weight.device
    x = torch.tensor([window], dtype=torch.long, device=device)
    # Remember the mode of every part: some may be frozen in eval mode already.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off.
        model.eval()
        # Without gradients: we only read the model, we do not train it.
        with torch.no_grad():
            logits = model(x)
    finally:
        # This runs after an error too.
        for module, mode in modes:
            module.training = mode
    # (1, T, vocab_size) -> (vocab_size,): only the last position predicts the next token.
    return logits[0, -1].float().cpu()


def next_characters(model, tokenizer, text, n=10):
    if not text:
        raise ValueError("text must not be empty")
    if n < 1:
        raise ValueError("n must be at least 1")
    # Softmax turns the logits into probabilities that add up to 1.
    probabilities = torch.softmax(last_logits(model, tokenizer.encode(text)), dim=-1)
    # topk sorts, the largest first; min() covers a vocabulary smaller than n.
    values, indices = torch.topk(probabilities, min(n, probabilities.numel()))
    # tolist() gives plain Python floats and ints.
    return [(tokenizer.decode([i]), p) for p, i in zip(values.tolist(), indices.tolist())]


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    if not prompt:
        raise ValueError("prompt must not be empty")
    if temperature < 0:
        raise ValueError("temperature must not be below 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    # A generator of its own: the same seed gives the same text, and
    # torch's global random numbers are left alone.
    generator = torch.Generator().manual_seed(seed)
    # list() makes a copy that we may extend.
    ids = list(tokenizer.encode(prompt))
    for _ in range(n_characters):
        # no_grad and eval mode begin and end inside this call, before the yield.
        logits = last_logits(model, ids)
        if temperature == 0:
            # No chance involved: take the best token.
            next_id = int(logits.argmax())
        else:
            if top_k is not None:
                # Keep the k best, set the others to -inf: their probability becomes 0.
                values, indices = torch.topk(logits, min(top_k, logits.numel()))
                logits = torch.full_like(logits, float("-inf"))
                logits[indices] = values
            # Subtracting the largest logit leaves the softmax the same,
            # but avoids an overflow when the temperature is tiny.
            scaled = (logits - logits.max()) / temperature
            probabilities = torch.softmax(scaled, dim=-1)
            # Draw one id according to the probabilities.
            next_id = int(torch.multinomial(probabilities, 1, generator=generator))
        ids.append(next_id)
        # Pause here until the next text is asked for.
        yield tokenizer.decode(ids)


def build_page(model, tokenizer):
    # Imported here, so that steps 1 and 2 work without Gradio.
    import gradio as gr

    def write_text(prompt, characters, temperature, top_k, seed):
        # gr.Error is shown to the user as a message on the page.
        if not prompt:
            raise gr.Error("Please type a prompt first.")
        # An emptied number box arrives as None.
        seed = 0 if seed is None else int(seed)
        for text in stream(model, tokenizer, prompt, int(characters), temperature, int(top_k), seed):
            chances = {}
            for token, probability in next_characters(model, tokenizer, text, n=10):
                # Show a space or line break as ' ' or '\n', otherwise it is invisible.
                name = token if token.strip() else repr(token)
                # Two ids can look the same as text: add their probabilities.
                chances[name] = chances.get(name, 0.0) + probability
            # One value for each output: the text box and the label.
            yield text, chances

    vocab_size = model.config["vocab_size"]
    with gr.Blocks(analytics_enabled=False) as page:
        # With lines=1 the Enter key submits the prompt.
        prompt = gr.Textbox(label="Prompt", lines=1)
        characters = gr.Slider(1, 1000, value=200, step=1, label="Characters")
        temperature = gr.Slider(0, 2, value=0.8, step=0.1, label="Temperature (0 = always the best)")
        # At the right end top_k covers the whole vocabulary, so nothing is cut off.
        top_k = gr.Slider(1, vocab_size, value=vocab_size, step=1, label="top_k (right end = all)")
        # precision=0 makes the seed a whole number.
        seed = gr.Number(value=0, precision=0, label="Seed")
        with gr.Row():
            write = gr.Button("Write", variant="primary")
            stop = gr.Button("Stop")
        text_box = gr.Textbox(label="Text", lines=10, interactive=False)
        label = gr.Label(label="10 most likely next characters", num_top_classes=10)

        # The button and the Enter key start the same event.
        event = gr.on(
            [write.click, prompt.submit],
            fn=write_text,
            inputs=[prompt, characters, temperature, top_k, seed],
            outputs=[text_box, label],
        )
        # Stop runs no function of its own, it only cancels the running event.
        stop.click(None, cancels=event)
    # Built, but not started: launch() is up to you.
    return page
