import torch


def last_logits(model, ids):
    """The logits (vocab_size,) for the token that follows ids."""
    if not ids:
        raise ValueError("there is no token to continue from")
    # The model has only block_size positions, so it sees the newest ids at most.
    ids = ids[-model.config["block_size"]:]
    # The ids must be on the model's device (CPU if it has no parameters).
    parameter = next(model.parameters(), None)
    device = "cpu" if parameter is None else parameter.device
    # The outer list adds the batch dimension: (1, T).
    x = torch.tensor([ids], dtype=torch.long, device=device)
    # Remember the mode of every part, as some may differ from the whole.
    modes = [(module, module.training) for module in model.modules()]
    try:
        # Eval mode switches dropout off.
        model.eval()
        # No gradients are needed: we only read the result.
        with torch.no_grad():
            # Only the last position predicts the next, still unknown token.
            return model(x)[0, -1].float().cpu()
    finally:
        # This runs after an error too.
        for module, training in modes:
            module.training = training


def next_characters(model, tokenizer, text, n=10):
    """The n most likely next tokens as (text, probability), largest first."""
    if not text:
        raise ValueError("text must not be empty")
    if n < 1:
        raise ValueError("n must be at least 1")
    logits = last_logits(model, list(tokenizer.encode(text)))
    # Softmax makes the logits positive, with the sum 1.
    probabilities = torch.softmax(logits, dim=-1)
    # topk sorts, largest first; it cannot return more than there are.
    best = torch.topk(probabilities, min(n, probabilities.numel()))
    # tolist() gives plain Python ints and floats.
    pairs = zip(best.indices.tolist(), best.values.tolist())
    return [(tokenizer.decode([id_]), p) for id_, p in pairs]


def choose(logits, temperature, top_k, generator):
    """The id of one token, chosen from the logits (vocab_size,)."""
    # Temperature 0: no chance, always the best token.
    if temperature == 0:
        return int(torch.argmax(logits))
    if top_k is not None:
        # Exactly the k best keep their logits, also if some are equal ...
        best = torch.topk(logits, min(top_k, logits.numel())).indices
        kept = torch.full_like(logits, float("-inf"))
        kept[best] = logits[best]
        # ... and all others get -inf, which softmax turns into probability 0.
        logits = kept
    # Subtracting the maximum leaves softmax unchanged, but prevents an
    # overflow when the temperature is very small.
    scaled = (logits - logits.max()) / temperature
    probabilities = torch.softmax(scaled, dim=-1)
    # Draw one id with these probabilities.
    return int(torch.multinomial(probabilities, 1, generator=generator))


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8,
           top_k=None, seed=0):
    """Yield the whole text so far after each of n_characters new tokens."""
    if not prompt:
        raise ValueError("prompt must not be empty")
    if temperature < 0:
        raise ValueError("temperature must not be below 0")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    # An own generator: same seed, same text, and torch's global one is untouched.
    generator = torch.Generator().manual_seed(seed)
    ids = list(tokenizer.encode(prompt))
    for _ in range(n_characters):
        # no_grad and eval mode have ended when last_logits returns ...
        logits = last_logits(model, ids)
        ids.append(choose(logits, temperature, top_k, generator))
        # ... so the pause here is outside both.
        yield tokenizer.decode(ids)


def build_page(model, tokenizer):
    """A gradio.Blocks for the model, built but not started."""
    # Imported here, so that Steps 1 and 2 work without Gradio.
    import gradio as gr

    def write_text(prompt, n_characters, temperature, top_k, seed):
        # gr.Error appears as a message on the page.
        if not prompt:
            raise gr.Error("Please type a prompt first.")
        # Some tokenizers fail at unknown characters, others leave them out.
        try:
            known = len(tokenizer.encode(prompt)) > 0
        except (KeyError, ValueError):
            known = False
        if not known:
            raise gr.Error("The tokenizer does not know these characters.")
        # An emptied number box gives None.
        seed = 0 if seed is None else int(seed)
        for text in stream(model, tokenizer, prompt, int(n_characters),
                           temperature, int(top_k), seed):
            chances = {}
            for token, p in next_characters(model, tokenizer, text, 10):
                # repr makes a space or a line break visible: ' ' or '\n'.
                name = repr(token)
                # Two ids can have the same text: add them, lose neither.
                chances[name] = chances.get(name, 0.0) + p
            # One value for each output: the text box and the label.
            yield text, chances

    vocab_size = model.config["vocab_size"]
    with gr.Blocks(analytics_enabled=False) as page:
        gr.Markdown("# A small GPT")
        # With one line, Enter submits the prompt.
        prompt = gr.Textbox(label="Prompt", lines=1)
        with gr.Row():
            n_characters = gr.Slider(1, 1000, value=200, step=1,
                                     label="Characters")
            temperature = gr.Slider(0, 2, value=0.8, step=0.05,
                                    label="Temperature (0: always the best)")
            # At the right end all tokens are allowed.
            top_k = gr.Slider(1, vocab_size, value=vocab_size, step=1,
                              label="top_k (right end: all)")
            # precision=0 gives an int.
            seed = gr.Number(value=0, precision=0, label="Seed")
        with gr.Row():
            write = gr.Button("Write", variant="primary")
            stop = gr.Button("Stop")
        with gr.Row():
            text = gr.Textbox(label="Text", lines=12, interactive=False,
                              buttons=["copy"])
            likely = gr.Label(label="The 10 most likely next characters",
                              num_top_classes=10)
        # The button and the Enter key start the same function.
        event = gr.on(
            [write.click, prompt.submit],
            write_text,
            inputs=[prompt, n_characters, temperature, top_k, seed],
            outputs=[text, likely],
        )
        # Stop runs no function; it only cancels the running event.
        stop.click(None, cancels=event)
    return page
