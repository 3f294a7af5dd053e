import torch


def last_logits(model, ids):
    """The logits for the token after ids, as a float tensor (vocab_size,) on the CPU."""
    # The ids must be on the model's device (CPU if it has no parameters).
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    # The model cannot see further back than block_size ids.
    visible = ids[-model.config["block_size"]:]
    # Remember the mode of every part: some may be in eval mode while others train.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off.
        model.eval()
        # No gradients: we only read the result.
        with torch.no_grad():
            logits = model(torch.tensor([visible], dtype=torch.long, device=device))
    finally:
        # Runs after an error too.
        for module, training in modes:
            module.training = training
    # Batch entry 0, last position: the prediction for the next token.
    return logits[0, -1].float().cpu()


def next_characters(model, tokenizer, text, n=10):
    """The n most likely next tokens as (text, probability), the largest first."""
    if n < 1:
        raise ValueError("n must be at least 1")
    ids = list(tokenizer.encode(text)) if text else []
    if not ids:
        raise ValueError("text must not be empty")
    # Softmax turns logits into probabilities that add up to 1.
    probabilities = torch.softmax(last_logits(model, ids), dim=-1)
    # topk sorts, largest first; it must not be asked for more than there are.
    best, best_ids = torch.topk(probabilities, min(n, len(probabilities)))
    # tolist() gives plain Python numbers.
    return [(tokenizer.decode([i]), p) for i, p in zip(best_ids.tolist(), best.tolist())]


def choose(logits, temperature, top_k, generator):
    """The id of the next token."""
    # Temperature 0: always the best token, nothing random.
    if temperature == 0:
        return int(torch.argmax(logits))
    # Keep the k best only; None, or more than there are, means all.
    k = len(logits) if top_k is None else min(top_k, len(logits))
    values, indices = torch.topk(logits, k)
    # Subtracting the maximum leaves the softmax unchanged, but a small temperature cannot overflow.
    probabilities = torch.softmax((values - values.max()) / temperature, dim=-1)
    # Draw a position among the k candidates ...
    position = torch.multinomial(probabilities, 1, generator=generator)
    # ... and translate it back into a token id.
    return int(indices[position])


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    """Yield the whole text so far after each new token."""
    if temperature < 0:
        raise ValueError("temperature must not be below 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    # list() makes a copy, as we append to it below.
    ids = list(tokenizer.encode(prompt)) if prompt else []
    if not ids:
        raise ValueError("prompt must not be empty")
    # A generator of its own: same seed, same text; torch's global one is untouched.
    generator = torch.Generator().manual_seed(seed)
    for _ in range(n_characters):
        # When this returns, the mode is restored and no_grad() is over.
        logits = last_logits(model, ids)
        ids.append(choose(logits, temperature, top_k, generator))
        # Pause here until the next text is asked for.
        yield tokenizer.decode(ids)


def build_page(model, tokenizer):
    """A gr.Blocks page for the model, built but not started."""
    import gradio as gr

    vocab_size = model.config["vocab_size"]

    def write_text(prompt, n_characters, temperature, top_k, seed):
        # gr.Error appears as a message on the page.
        if not prompt:
            raise gr.Error("Please enter a prompt.")
        # Sliders may give floats, and an emptied number box gives None.
        texts = stream(model, tokenizer, prompt, int(n_characters), temperature,
                       int(top_k), int(seed or 0))
        for text in texts:
            labels = {}
            for token, probability in next_characters(model, tokenizer, text, 10):
                # A space or a line break would be invisible: show it as ' ' or '\n'.
                name = token if token.strip() else repr(token)
                # Tokens that look the same share one entry.
                labels[name] = labels.get(name, 0.0) + probability
            # One value for each output, in the order of outputs below.
            yield text, labels

    with gr.Blocks(analytics_enabled=False) as page:
        # One line, so that Enter submits.
        prompt = gr.Textbox(label="Prompt", lines=1)
        with gr.Row():
            characters = gr.Slider(1, 1000, value=200, step=1, label="Characters")
            temperature = gr.Slider(0, 2, value=0.8, step=0.05, label="Temperature (0: best token)")
            # The maximum keeps every token, so it means "off".
            top_k = gr.Slider(1, vocab_size, value=vocab_size, step=1, label="top_k (maximum: all)")
            # precision=0 gives whole numbers.
            seed = gr.Number(value=0, precision=0, label="Seed")
        with gr.Row():
            write = gr.Button("Write", variant="primary")
            stop = gr.Button("Stop", variant="stop")
        text_box = gr.Textbox(label="Text", lines=12, interactive=False)
        next_box = gr.Label(label="Most likely next characters", num_top_classes=10)

        # The button and Enter start the same event.
        event = gr.on(
            [write.click, prompt.submit],
            write_text,
            inputs=[prompt, characters, temperature, top_k, seed],
            outputs=[text_box, next_box],
        )
        # Stop runs no function; it only cancels the running event.
        stop.click(None, cancels=event)

    return page
