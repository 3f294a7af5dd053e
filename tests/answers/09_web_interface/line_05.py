"""Loop 9: I use my own generate from loop 4, one character at a time."""
import torch
from mini_gpt import sampler


def _row(tokenizer, text):
    ids = tokenizer.encode(text)
    if not ids:
        raise ValueError("I need at least one character to continue")
    return torch.tensor(ids, dtype=torch.int64).unsqueeze(0)


@torch.inference_mode()
def next_characters(model, tokenizer, text, n=10):
    if n < 1:
        raise ValueError("n has to be positive, not %s" % n)
    row = _row(tokenizer, text)
    before = model.training
    model.train(False)
    try:
        scores = model(row[:, -model.config["block_size"]:])
    finally:
        model.train(before)
    p = scores[:, -1, :].softmax(dim=1).squeeze(0)
    order = p.argsort(descending=True)[:n]
    return [(tokenizer.decode([int(i)]), float(p[i])) for i in order]


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    dice = torch.Generator().manual_seed(seed)
    row = _row(tokenizer, prompt)
    done = 0
    while done < n_characters:
        row = sampler.generate(model, row, 1, temperature=temperature, top_k=top_k, generator=dice)
        done += 1
        yield tokenizer.decode(row[0].tolist())


def build_page(model, tokenizer):
    import gradio as gr

    def go(prompt, length, temperature, top_k, seed):
        yield from stream(model, tokenizer, prompt, int(length), temperature, int(top_k), int(seed))

    v = model.config["vocab_size"]
    page = gr.Interface(
        go,
        inputs=[
            gr.Textbox("once upon", label="Start"),
            gr.Slider(1, 400, 120, step=1, label="Length"),
            gr.Slider(0, 2, 0.8, label="Temperature"),
            gr.Slider(1, v, v, step=1, label="Top k"),
            gr.Number(0, label="Seed", precision=0),
        ],
        outputs=gr.Textbox(label="Text"),
        flagging_mode="never",
        analytics_enabled=False,
        title="My GPT",
    )
    return page
