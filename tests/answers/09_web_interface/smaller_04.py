"""A page in the browser for a small GPT in PyTorch."""

import torch


def last_logits(model, ids):
    """Logits (vocab_size,) for the token that follows ids."""
    # The model has positions for block_size tokens only: keep the last ones.
    window = ids[-model.config["block_size"]:]
    # The input must be on the same device as the weights.
    weight = next(model.parameters(), None)
    device = "cpu" if weight is None else weight.device
    # The outer list adds the batch dimension: shape (1, T).
    x = torch.tensor([window], dtype=torch.long, device=device)
    # Remember the mode of every submodule, as some may differ from the model.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off.
        model.eval()
        # Without gradients: less memory, and faster.
        with torch.no_grad():
            logits = model(x)
    finally:
        # This runs after an error too.
        for module, training in modes:
            module.training = training
    # Only the last position predicts the next token.
    return logits[0, -1].float().cpu()


def next_characters(model, tokenizer, text, n=10):
    """The n most likely next tokens as (text, probability), largest first."""
    if not text:
        raise ValueError("text must not be empty")
    if n < 1:
        raise ValueError("n must be at least 1")
    logits = last_logits(model, tokenizer.encode(text))
    # Softmax turns logits into probabilities that add up to 1.
    probabilities = torch.softmax(logits, dim=-1)
    # topk sorts, largest first; min() covers a vocabulary smaller than n.
    best = torch.topk(probabilities, min(n, probabilities.numel()))
    # tolist() gives plain Python floats and ints.
    pairs = zip(best.indices.tolist(), best.values.tolist())
    return [(tokenizer.decode([token]), p) for token, p in pairs]


def pick_token(logits, temperature, top_k, generator):
    """Choose the id of the next token."""
    # Temperature 0: always the best token, no chance involved.
    if temperature == 0:
        return int(torch.argmax(logits))
    if top_k is not None:
        # A top_k larger than the vocabulary means all tokens.
        best = torch.topk(logits, min(top_k, logits.numel())).indices
        # A logit of -inf becomes probability 0, so only the best k remain.
        kept = torch.full_like(logits, float("-inf"))
        kept[best] = logits[best]
        logits = kept
    # Subtracting the maximum leaves softmax unchanged, but, in double
    # precision, keeps a tiny temperature from giving inf or nan.
    scaled = (logits.double() - logits.max()) / temperature
    probabilities = torch.softmax(scaled, dim=-1).float()
    # Draw one id, each with its own probability.
    return int(torch.multinomial(probabilities, 1, generator=generator))


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8,
           top_k=None, seed=0):
    """A generator: the whole text so far, after each new token."""
    if not prompt:
        raise ValueError("prompt must not be empty")
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")

    def texts():
        # An own generator: same seed, same text, and the global one is untouched.
        generator = torch.Generator().manual_seed(seed)
        # A copy, as the list grows.
        ids = list(tokenizer.encode(prompt))
        for _ in range(n_characters):
            # The model is back in its old mode when this returns.
            logits = last_logits(model, ids)
            ids.append(pick_token(logits, temperature, top_k, generator))
            # Pause here until the next text is asked for.
            yield tokenizer.decode(ids)

    return texts()


def build_page(model, tokenizer):
    """A gradio.Blocks for the model, built and not started."""
    # Imported here, so that Steps 1 and 2 work without Gradio.
    import gradio as gr

    vocab_size = model.config["vocab_size"]

    def label_values(text):
        values = {}
        for token, p in next_characters(model, tokenizer, text, n=10):
            # A space or newline would be invisible: show ' ' or '\n' instead.
            name = token if token.strip() else repr(token)
            # Two ids with the same text share one line.
            values[name] = values.get(name, 0.0) + p
        return values

    def write_text(prompt, n_characters, temperature, top_k, seed):
        # gr.Error appears as a message on the page.
        if not prompt:
            raise gr.Error("Please enter a prompt first.")
        texts = stream(
            model,
            tokenizer,
            prompt,
            n_characters=int(n_characters),
            temperature=temperature,
            top_k=int(top_k),
            # An emptied number box gives None: use 0 then.
            seed=int(seed or 0),
        )
        for text in texts:
            # One value for each output: the text box and the label.
            yield text, label_values(text)

    with gr.Blocks(analytics_enabled=False) as page:
        gr.Markdown("# A small GPT")
        with gr.Row():
            with gr.Column():
                # With one line, Enter triggers prompt.submit.
                prompt = gr.Textbox(label="Prompt", lines=1)
                n_characters = gr.Slider(
                    1, 1000, value=200, step=1, label="Characters")
                temperature = gr.Slider(
                    0, 2, value=0.8, step=0.05, label="Temperature")
                # The right end, vocab_size, means all tokens.
                top_k = gr.Slider(
                    1, vocab_size, value=vocab_size, step=1, label="Top k")
                # precision=0 gives whole numbers.
                seed = gr.Number(value=0, precision=0, label="Seed")
                with gr.Row():
                    write = gr.Button("Write", variant="primary")
                    stop = gr.Button("Stop")
            with gr.Column():
                output = gr.Textbox(
                    label="Text", lines=12, interactive=False, buttons=["copy"])
                label = gr.Label(
                    label="Most likely next characters", num_top_classes=10)

        # One event for both triggers; the inputs follow write_text's arguments.
        event = gr.on(
            [write.click, prompt.submit],
            write_text,
            inputs=[prompt, n_characters, temperature, top_k, seed],
            outputs=[output, label],
        )
        # No function of its own: it only cancels the running event.
        stop.click(None, cancels=event)

    return page
