"""Keeps one tensor of ids and grows it with torch.cat; modes are handled by a decorator."""

import functools

import torch


def in_eval_mode(function):
    @functools.wraps(function)
    def wrapper(model, *args, **kwargs):
        mode = model.training
        model.eval()
        try:
            with torch.inference_mode():
                return function(model, *args, **kwargs)
        finally:
            model.train(mode)

    return wrapper


@in_eval_mode
def last_row(model, ids):
    return model(ids[:, -model.config["block_size"]:])[:, -1]


def to_tensor(tokenizer, text):
    ids = torch.tensor(tokenizer.encode(text), dtype=torch.int64)[None]
    if ids.shape[1] == 0:
        raise ValueError("at least one character is needed")
    return ids


def next_characters(model, tokenizer, text, n=10):
    ids = to_tensor(tokenizer, text)
    if n < 1:
        raise ValueError(f"n must be positive, got {n}")
    shares = last_row(model, ids)[0].softmax(dim=-1)
    found = torch.sort(shares, descending=True)
    pairs = zip(found.indices[:n].tolist(), found.values[:n].tolist())
    return [(tokenizer.decode([id]), share) for id, share in pairs]


def sample(logits, temperature, top_k, generator):
    if temperature == 0:
        return logits.argmax(-1, keepdim=True)
    if top_k is not None:
        threshold = logits.topk(min(top_k, logits.shape[-1])).values.amin(-1, keepdim=True)
        logits = torch.where(logits >= threshold, logits, -torch.inf)
    return torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    if temperature < 0:
        raise ValueError(f"temperature must be >= 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be >= 1, got {top_k}")
    generator = torch.Generator().manual_seed(seed)
    ids = to_tensor(tokenizer, prompt)
    end = ids.shape[1] + n_characters
    while ids.shape[1] < end:
        new = sample(last_row(model, ids), temperature, top_k, generator)
        ids = torch.cat((ids, new), dim=1)
        yield tokenizer.decode(ids[0].tolist())


def build_page(model, tokenizer):
    import gradio as gr

    def write(prompt, n_characters, temperature, top_k, seed):
        if not prompt.strip():
            gr.Warning("Type something first.")
            return
        how = dict(temperature=temperature, top_k=int(top_k), seed=int(seed))
        for text in stream(model, tokenizer, prompt, int(n_characters), **how):
            yield {page_text: text, page_bars: dict(next_characters(model, tokenizer, prompt))}

    V = model.config["vocab_size"]
    with gr.Blocks(title="GPT", analytics_enabled=False) as page:
        with gr.Tabs():
            with gr.Tab("Write"):
                prompt = gr.Textbox(label="Prompt", value="once upon")
                go = gr.Button("Write", variant="primary")
                halt = gr.Button("Stop", variant="stop")
                page_text = gr.Textbox(label="Text", lines=8)
                page_bars = gr.Label(label="Next", num_top_classes=10)
            with gr.Tab("Settings"):
                n_characters = gr.Slider(1, 1000, 200, step=1, label="Characters")
                temperature = gr.Slider(0, 2, 0.8, label="Temperature")
                top_k = gr.Slider(1, V, V, step=1, label="Top k")
                seed = gr.Number(0, precision=0, label="Seed")
        job = gr.on(
            [go.click, prompt.submit],
            write,
            [prompt, n_characters, temperature, top_k, seed],
            {page_text, page_bars},
        )
        halt.click(None, cancels=[job])
    return page
