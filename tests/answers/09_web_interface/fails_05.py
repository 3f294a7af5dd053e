"""Web front end of a MiniGPT: a small immutable session object does the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


@contextmanager
def inference(model: nn.Module) -> Iterator[None]:
    """Evaluate without gradients; whatever happens, the mode comes back."""
    mode = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(mode)


@dataclass(frozen=True)
class Sampling:
    """How to choose the next token."""

    temperature: float = 0.8
    top_k: int | None = None
    seed: int = 0
    generator: torch.Generator = field(default_factory=torch.Generator, compare=False)

    def __post_init__(self) -> None:
        if not self.temperature >= 0:
            raise ValueError(f"temperature must be >= 0, got {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k must be >= 1, got {self.top_k}")
        self.generator.manual_seed(self.seed)

    def choose(self, logits: Tensor) -> int:
        """Choose an id from logits of shape (V,)."""
        if self.temperature == 0:
            return int(logits.argmax())
        if self.top_k is not None:
            best = logits.topk(min(self.top_k, logits.shape[0]))
            place = torch.multinomial(
                (best.values / self.temperature).softmax(-1), 1, generator=self.generator
            )
            return int(best.indices[place])
        return int(
            torch.multinomial((logits / self.temperature).softmax(-1), 1, generator=self.generator)
        )


def last_logits(model: nn.Module, ids: list[int]) -> Tensor:
    """Return the scores of the token after these ids, (V,)."""
    if not ids:
        raise ValueError("an empty text cannot be continued")
    with inference(model):
        return model(torch.tensor([ids[-model.config["block_size"] :]]))[0, -1]


def next_characters(
    model: nn.Module, tokenizer: object, text: str, n: int = 10
) -> list[tuple[str, float]]:
    """List the n most likely next tokens with their probabilities."""
    if n < 1:
        raise ValueError(f"n must be >= 1, got {n}")
    shares = last_logits(model, tokenizer.encode(text)).softmax(-1)
    top = shares.topk(min(n, shares.shape[0]))
    return [
        (tokenizer.decode([index]), share)
        for share, index in zip(top.values.tolist(), top.indices.tolist())
    ]


def stream(
    model: nn.Module,
    tokenizer: object,
    prompt: str,
    n_characters: int = 200,
    temperature: float = 0.8,
    top_k: int | None = None,
    seed: int = 0,
) -> Iterator[str]:
    """Yield the text so far, the prompt first, then again after each new token."""
    how = Sampling(temperature, top_k, seed)
    ids = list(tokenizer.encode(prompt))
    if ids:
        yield tokenizer.decode(ids)
    while n_characters > 0:
        ids.append(how.choose(last_logits(model, ids)))
        yield tokenizer.decode(ids)
        n_characters -= 1
    if not ids:
        raise ValueError("an empty prompt cannot be continued")


def build_page(model: nn.Module, tokenizer: object):
    """Build the page."""
    import gradio as gr

    size = model.config["vocab_size"]

    def respond(prompt: str, length: float, temperature: float, top_k: float, seed: float):
        options = dict(temperature=temperature, top_k=int(top_k), seed=int(seed))
        for text in stream(model, tokenizer, prompt, int(length), **options):
            yield gr.update(value=text)

    with gr.Blocks(analytics_enabled=False, title="MiniGPT") as page:
        with gr.Row():
            with gr.Column():
                prompt = gr.Textbox(label="Prompt", lines=2)
                length = gr.Slider(1, 400, value=150, step=1, label="Length")
                temperature = gr.Slider(0.0, 2.0, value=0.8, label="Temperature")
                top_k = gr.Slider(1, size, value=size, step=1, label="Top k")
                seed = gr.Number(value=0, precision=0, label="Seed")
            with gr.Column():
                text = gr.TextArea(label="Text")
                start, stop = gr.Button("Generate", variant="primary"), gr.Button("Stop", variant="stop")
        job = start.click(respond, inputs=[prompt, length, temperature, top_k, seed], outputs=[text])
        stop.click(lambda: None, cancels=job)
    return page
