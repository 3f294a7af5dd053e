"""web.py -- everything in three functions, helpers inside."""

import math
import random

import torch


def next_characters(model, tokenizer, text, n=10):
    if n < 1:
        raise ValueError("n must be at least 1")

    def logits():
        ids = tokenizer.encode(text)
        if len(ids) < 1:
            raise ValueError("text must not be empty")
        return model(torch.tensor([ids[-model.config["block_size"]:]]))[0][-1].tolist()

    mode = model.training
    model.eval()
    try:
        with torch.no_grad():
            scores = logits()
    finally:
        model.train(mode)
    largest = max(scores)
    odds = [math.exp(s - largest) for s in scores]
    total = sum(odds)
    ranking = sorted(range(len(odds)), key=lambda i: (-odds[i], i))
    return [(tokenizer.decode([i]), odds[i] / total) for i in ranking[:n]]


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    if prompt == "":
        raise ValueError("prompt must not be empty")
    if not temperature >= 0:
        raise ValueError("temperature must not be negative")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k must be at least 1")
    chance = random.Random(seed)
    ids = tokenizer.encode(prompt)

    def scores():
        mode = model.training
        model.eval()
        try:
            with torch.no_grad():
                return model(torch.tensor([ids[-model.config["block_size"]:]]))[0, -1].tolist()
        finally:
            model.train(mode)

    def choose(row):
        ranking = sorted(range(len(row)), key=lambda i: -row[i])
        if temperature == 0:
            return ranking[0]
        kept = ranking[:top_k] if top_k else ranking
        weights = [math.exp((row[i] - row[ranking[0]]) / temperature) for i in kept]
        return chance.choices(kept, weights)[0]

    for _ in range(n_characters):
        ids.append(choose(scores()))
        yield tokenizer.decode(ids)


def build_page(model, tokenizer):
    import gradio as gr

    with gr.Blocks(analytics_enabled=False) as page:
        prompt = gr.Textbox(label="Prompt", submit_btn=True, stop_btn=True)
        n_characters = gr.Slider(1, 400, 100, step=1, label="Characters")
        seed = gr.Number(0, precision=0, label="Seed")
        text = gr.HighlightedText(label="Text")

        @prompt.submit(inputs=[prompt, n_characters, seed], outputs=text)
        def write(prompt, n_characters, seed):
            for grown in stream(model, tokenizer, prompt, int(n_characters), seed=seed):
                yield [(grown, None)]

        prompt.stop(None, cancels=[])
    return page
