import torch


def last_logits(model, ids):
    # Remember the mode of every submodule, so exactly that can be restored.
    modes = [(module, module.training) for module in model.modules()]
    # The input must be on the same device as the weights.
    weight = next(model.parameters(), None)
    device = "cpu" if weight is None else weight.device
    # The model sees at most the last block_size ids; shape (1, T).
    window = ids[-model.config["block_size"]:]
    x = torch.tensor([window], dtype=torch.long, device=device)
    try:
        # Eval mode switches dropout off.
        model.eval()
        with torch.no_grad():
            # Only the last position predicts the next token; shape (vocab_size,).
            logits = model(x)[0, -1].float().cpu()
    finally:
        # Runs after an error too.
        for module, training in modes:
            module.training = training
    return logits


def next_characters(model, tokenizer, text, n=10):
    if n < 1:
        raise ValueError("n must be at least 1")
    # Without at least one id there is nothing to predict from.
    ids = list(tokenizer.encode(text)) if text else []
    if not ids:
        raise ValueError("text must not be empty")
    # Logits become probabilities that sum to 1.
    probabilities = torch.softmax(last_logits(model, ids), dim=-1)
    # topk sorts, largest first; never ask for more tokens than there are.
    best = torch.topk(probabilities, min(n, probabilities.numel()))
    # tolist() gives plain Python ints and floats.
    return [
        (tokenizer.decode([token]), probability)
        for token, probability in zip(best.indices.tolist(), best.values.tolist())
    ]


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8,
           top_k=None, seed=0):
    if temperature < 0:
        raise ValueError("temperature must not be below 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    ids = list(tokenizer.encode(prompt)) if prompt else []
    if not ids:
        raise ValueError("prompt must not be empty")
    # An own generator: same seed, same text, and the global one is untouched.
    generator = torch.Generator().manual_seed(seed)
    for _ in range(n_characters):
        # no_grad begins and ends inside last_logits, so no yield is inside it.
        logits = last_logits(model, ids)
        if temperature == 0:
            # No chance involved: the best token.
            token = int(logits.argmax())
        else:
            if top_k is not None and top_k < logits.numel():
                # Exactly k tokens stay; -inf becomes probability 0.
                keep = torch.topk(logits, top_k).indices
                masked = torch.full_like(logits, float("-inf"))
                masked[keep] = logits[keep]
                logits = masked
            # Subtracting the maximum leaves softmax unchanged, but avoids
            # overflow when the temperature is very small.
            scaled = (logits - logits.max()) / temperature
            probabilities = torch.softmax(scaled, dim=-1)
            # Draw one token according to the probabilities.
            token = int(torch.multinomial(probabilities, 1, generator=generator))
        ids.append(token)
        # Pause here until the next text is asked for.
        yield tokenizer.decode(ids)


def build_page(model, tokenizer):
    # Imported here, so Steps 1 and 2 work without Gradio.
    import gradio as gr

    vocab_size = model.config["vocab_size"]

    # The parameters are in the same order as inputs below.
    def generate(prompt, characters, temperature, top_k, seed):
        # gr.Error is shown as a message in the browser.
        if not prompt:
            raise gr.Error("Please enter a prompt first.")
        # Sliders may send floats, and an emptied number box sends None.
        texts = stream(model, tokenizer, prompt, int(characters),
                       float(temperature), int(top_k), int(seed or 0))
        for text in texts:
            likely = {}
            for piece, probability in next_characters(model, tokenizer, text, 10):
                # A space or newline would be invisible: show it in quotes.
                name = piece if piece.strip() else repr(piece)
                # Tokens that look the same share one bar.
                likely[name] = likely.get(name, 0.0) + probability
            # One value for each output: the text box and the label.
            yield text, likely

    with gr.Blocks(analytics_enabled=False) as page:
        gr.Markdown("# A small GPT")
        with gr.Row():
            with gr.Column():
                # With one line, Enter triggers submit.
                prompt = gr.Textbox(label="Prompt", lines=1)
                characters = gr.Slider(1, 1000, value=200, step=1, label="Characters")
                temperature = gr.Slider(0, 2, value=0.8, step=0.1, label="Temperature")
                # At the far right all tokens are allowed.
                top_k = gr.Slider(1, max(2, vocab_size), value=max(2, vocab_size),
                                  step=1, label="top_k")
                # precision=0 makes it a whole number.
                seed = gr.Number(value=0, precision=0, minimum=0,
                                 maximum=2**32 - 1, label="Seed")
                with gr.Row():
                    write = gr.Button("Write", variant="primary")
                    stop = gr.Button("Stop", variant="stop")
            with gr.Column():
                text_box = gr.Textbox(label="Text", lines=12, interactive=False,
                                      buttons=["copy"])
                label = gr.Label(label="Most likely next characters",
                                 num_top_classes=10)

        # The button and the Enter key start the same event.
        event = gr.on(
            [write.click, prompt.submit],
            generate,
            inputs=[prompt, characters, temperature, top_k, seed],
            outputs=[text_box, label],
        )
        # Stop has no function of its own, it only ends the running event.
        stop.click(None, cancels=event)

    return page
