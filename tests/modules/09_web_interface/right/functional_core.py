"""Pure functions inside, effects at the edge."""

from functools import partial
from itertools import islice
from operator import itemgetter

import torch


def require(condition, message):
    if not condition:
        raise ValueError(message)


def evaluated(model, function):
    """Call a function while the model is in eval mode."""
    mode = model.training
    model.eval()
    try:
        return torch.no_grad()(function)()
    finally:
        model.train(mode)


def logits(model, ids):
    window = torch.as_tensor(ids[-model.config["block_size"]:]).reshape(1, -1)
    return evaluated(model, lambda: model(window))[0, -1]


def greedy(scores, generator):
    return int(scores.argmax())


def drawn(scores, generator, temperature, top_k):
    k = scores.numel() if top_k is None else min(top_k, scores.numel())
    values, indices = scores.topk(k)
    return int(indices[torch.multinomial((values / temperature).softmax(0), 1, generator=generator)])


def unfold(step, ids):
    """Yield longer and longer lists of ids, for ever."""
    while True:
        ids = [*ids, step(ids)]
        yield ids


def next_characters(model, tokenizer, text, n=10):
    require(text, "the text is empty")
    require(n >= 1, f"n must be 1 or more, got {n}")
    shares = logits(model, tokenizer.encode(text)).softmax(0).tolist()
    ranked = sorted(enumerate(shares), key=itemgetter(1), reverse=True)
    return [(tokenizer.decode([id]), share) for id, share in ranked[:n]]


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    require(prompt, "the prompt is empty")
    require(temperature >= 0, f"temperature must be 0 or more, got {temperature}")
    require(top_k is None or top_k >= 1, f"top_k must be 1 or more, got {top_k}")
    generator = torch.Generator().manual_seed(seed)
    choose = greedy if temperature == 0 else partial(drawn, temperature=temperature, top_k=top_k)
    step = lambda ids: choose(logits(model, ids), generator=generator)
    return (
        tokenizer.decode(ids) for ids in islice(unfold(step, tokenizer.encode(prompt)), n_characters)
    )


def build_page(model, tokenizer):
    import gradio as gr

    write = partial(stream, model, tokenizer)

    def growing(prompt, n_characters, temperature):
        yield from write(prompt, int(n_characters), temperature)

    with gr.Blocks(analytics_enabled=False) as page:
        prompt = gr.Textbox(label="Prompt")
        n = gr.Slider(1, 300, 100, step=1, label="Characters")
        temperature = gr.Slider(0, 2, 0.8, label="Temperature")
        text = gr.Textbox(label="Text")
        stop = gr.Button("Stop")
        running = gr.on([gr.Button("Write").click, prompt.submit], growing, [prompt, n, temperature], text)
        stop.click(None, cancels=running)
    return page
