"""Web interface for the mini GPT: next characters, a growing text, and a Gradio page."""

import torch


def next_characters(model, tokenizer, text, n=10):
    """Return the n most likely next tokens as (token, probability)."""
    if len(text) == 0:
        raise ValueError("text must not be empty")
    if n < 1:
        raise ValueError("n must be at least 1")
    block_size = model.config["block_size"]
    # Encode the text and keep only what the model can look at.
    ids = tokenizer.encode(text)
    ids = torch.tensor([ids[-block_size:]], dtype=torch.long)
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            logits = model(ids)
    finally:
        model.train(was_training)
    # PREDICT: which shape does logits have here?
    probabilities = torch.softmax(logits[0, -1], dim=-1)
    n = min(n, probabilities.numel())
    values, indices = torch.topk(probabilities, n)
    result = []
    for value, index in zip(values, indices):
        result.append((tokenizer.decode([index.item()]), value.item()))
    return result


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    """Yield the whole text so far after each new token."""
    if len(prompt) == 0:
        raise ValueError("prompt must not be empty")
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    block_size = model.config["block_size"]
    generator = torch.Generator()
    generator.manual_seed(seed)
    ids = tokenizer.encode(prompt)
    for _ in range(n_characters):
        window = torch.tensor([ids[-block_size:]], dtype=torch.long)
        was_training = model.training
        model.eval()
        try:
            with torch.no_grad():
                logits = model(window)[0, -1]
        finally:
            model.train(was_training)
        if temperature == 0:
            next_id = int(torch.argmax(logits))
        else:
            logits = logits / temperature
            if top_k is not None:
                k = min(top_k, logits.numel())
                smallest = torch.topk(logits, k).values[-1]
                logits[logits < smallest] = float("-inf")
            probabilities = torch.softmax(logits, dim=-1)
            next_id = int(torch.multinomial(probabilities, 1, generator=generator))
        ids.append(next_id)
        yield tokenizer.decode(ids)


def build_page(model, tokenizer):
    """Build the Gradio page without starting it."""
    import gradio as gr

    def write(prompt, n_characters, temperature, top_k, seed):
        if not prompt:
            raise gr.Error("Please type something first.")
        for text in stream(
            model, tokenizer, prompt, int(n_characters), temperature, int(top_k), int(seed)
        ):
            yield text

    def bars(prompt):
        if not prompt:
            return {}
        return dict(next_characters(model, tokenizer, prompt))

    with gr.Blocks(title="Mini GPT", analytics_enabled=False) as page:
        gr.Markdown("# Mini GPT")
        prompt = gr.Textbox(label="Prompt", value="once upon")
        output = gr.Textbox(label="Text", lines=6)
        likely = gr.Label(label="Next characters", num_top_classes=10)
        with gr.Row():
            go = gr.Button("Write", variant="primary")
            stop = gr.Button("Stop")
        n_characters = gr.Slider(1, 500, value=200, step=1, label="Characters")
        temperature = gr.Slider(0, 2, value=0.8, step=0.1, label="Temperature")
        vocab_size = model.config["vocab_size"]
        top_k = gr.Slider(1, vocab_size, value=vocab_size, step=1, label="Top k")
        seed = gr.Number(value=0, precision=0, label="Seed")
        running = go.click(write, [prompt, n_characters, temperature, top_k, seed], output)
        prompt.change(bars, prompt, likely)
        stop.click(None, cancels=[running])
    return page
