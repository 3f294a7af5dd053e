"""The page, by somebody who thinks in numpy: torch only runs the model."""

import numpy as np
import torch


def logits_after(model, ids):
    """The scores after the last id, a numpy vector of length V."""
    window = np.asarray(ids, dtype=np.int64)[-model.config["block_size"] :]
    mode = model.training
    model.eval()
    try:
        with torch.no_grad():
            out = model(torch.from_numpy(window[np.newaxis].copy()))
    finally:
        model.train(mode)
    return out[0, -1].double().numpy()


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def next_characters(model, tokenizer, text, n=10):
    if not text or n < 1:
        raise ValueError(f"need a text and n >= 1, got {text!r} and {n}")
    p = softmax(logits_after(model, tokenizer.encode(text)))
    best = np.argsort(-p, kind="stable")[:n]
    return [(tokenizer.decode([int(i)]), float(p[i])) for i in best]


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    if not prompt:
        raise ValueError("the prompt is empty")
    if temperature < 0:
        raise ValueError(f"temperature {temperature} is negative")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k {top_k} is below 1")
    rng = np.random.default_rng(seed)
    ids = np.array(tokenizer.encode(prompt), dtype=np.int64)
    for _ in range(n_characters):
        x = logits_after(model, ids)
        if top_k is not None:
            k = min(top_k, len(x))
            x = np.where(x >= np.sort(x)[-k], x, -np.inf)
        if temperature > 0:
            new = rng.choice(len(x), p=softmax(x / temperature))
        else:
            new = x.argmax()
        ids = np.append(ids, new)
        yield tokenizer.decode(ids.tolist())


def build_page(model, tokenizer):
    import gradio as gr

    def both(prompt, n, temperature, seed):
        for text in stream(model, tokenizer, prompt, int(n), temperature, seed=int(seed)):
            yield text, {repr(t): p for t, p in next_characters(model, tokenizer, prompt)}

    with gr.Blocks(analytics_enabled=False) as demo:
        p = gr.Textbox(value="once upon", label="prompt")
        n = gr.Slider(1, 500, 100, step=1, label="n")
        T = gr.Slider(0, 3, 0.8, label="temperature")
        s = gr.Number(0, label="seed")
        out = gr.Textbox(label="text")
        lab = gr.Label(label="next")
        ev = p.submit(both, [p, n, T, s], [out, lab])
        gr.Button("Stop").click(None, None, None, cancels=[ev])
    return demo
