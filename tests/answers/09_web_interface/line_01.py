"""A chat page for the tiny GPT, with gr.ChatInterface."""

import torch
import torch.nn.functional as F


@torch.no_grad()
def _next_logits(model, token_ids):
    training = model.training
    model.eval()
    try:
        idx = torch.tensor(token_ids, dtype=torch.long)[None, -model.config["block_size"]:]
        return model(idx)[:, -1, :]
    finally:
        model.train(training)


def next_characters(model, tokenizer, text, n=10):
    if not text:
        raise ValueError("text is empty: type at least one character")
    if n < 1:
        raise ValueError(f"n should be positive, got {n}")
    probs = F.softmax(_next_logits(model, tokenizer.encode(text)), dim=-1)
    top_p, top_i = probs.topk(min(n, probs.size(-1)), dim=-1)
    return [(tokenizer.decode([i]), p) for p, i in zip(top_p[0].tolist(), top_i[0].tolist())]


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    if not prompt:
        raise ValueError("prompt is empty: type at least one character")
    if temperature < 0:
        raise ValueError(f"temperature should be 0 or more, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k should be 1 or more, got {top_k}")
    rng = torch.Generator(device="cpu")
    rng.manual_seed(int(seed))
    tokens = list(tokenizer.encode(prompt))
    for _ in range(n_characters):
        logits = _next_logits(model, tokens)
        if temperature == 0:
            idx_next = torch.argmax(logits, dim=-1, keepdim=True)
        else:
            logits = logits / temperature
            if top_k is not None:
                v, _ = torch.topk(logits, min(top_k, logits.size(-1)))
                logits[logits < v[:, [-1]]] = -float("Inf")
            probs = F.softmax(logits, dim=-1)
            idx_next = torch.multinomial(probs, num_samples=1, generator=rng)
        tokens.append(idx_next.item())
        yield tokenizer.decode(tokens)


def build_page(model, tokenizer):
    import gradio as gr

    def reply(message, history, length, temperature):
        for text in stream(model, tokenizer, message, int(length), temperature):
            yield text

    return gr.ChatInterface(
        reply,
        title="Tiny GPT",
        additional_inputs=[
            gr.Slider(1, 400, value=120, step=1, label="Length"),
            gr.Slider(0, 2, value=0.8, label="Temperature"),
        ],
        analytics_enabled=False,
    )
