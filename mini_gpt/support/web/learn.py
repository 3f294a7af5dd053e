"""Watch it learn: a fresh model of a text of yours, its loss curve, and what it says meanwhile."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from mini_gpt.support.refusal import Refusal
from mini_gpt.support.web.pace import seldom

WINDOW = 64
LONGEST = 1_000_000
"""Characters: a longer text is for `python -m mini_gpt train`."""
MOST_STEPS, LOOK_EVERY, SAMPLE = 2000, 10, 80
LARGEST_SIZE = 4096
"""No size in the config of a checkpoint may be larger: this page is for small models."""


def train(text: str, steps: int, seed: int = 11) -> Iterator[tuple]:
    """Train a fresh model, and show it again and again while it learns.

    Args:
        text: what to learn from, more than WINDOW characters.
        steps: how many steps.
        seed: of all random numbers.

    Yields:
        (model, tokenizer, losses, sample) after every LOOK_EVERY steps: the loss of each step so
        far, and a few characters that the model writes.

    Raises:
        Refusal: the text is too short or too long.
    """
    import torch

    from mini_gpt.support.training.training import Options, Training
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    if not WINDOW < len(text) <= LONGEST:
        wanted = f"The text must have {WINDOW + 1} to {LONGEST:,} characters"
        raise Refusal(f"{wanted}, got {len(text):,}.")
    tokenizer = CharTokenizer(text)
    ids = tokenizer.encode(text)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MiniGPT(vocab_size=tokenizer.vocab_size, block_size=WINDOW)
    options = Options(steps=steps, learning_rate=6e-3, seed=seed)
    training, losses = Training(model, tokenizer, options), []
    for step in range(1, steps + 1):
        losses.append(training.learn(ids))
        if step % LOOK_EVERY == 0 or step == steps:
            yield model, tokenizer, losses, sample(model, tokenizer, text[:10])


def sample(model, tokenizer, beginning: str) -> str:
    """Return what a model writes after a beginning."""
    from mini_gpt.web import stream

    return list(stream(model, tokenizer, beginning, SAMPLE, temperature=0.8))[-1]


def keep(model, tokenizer) -> str:
    """Save a model in a file of its own, and return its path."""
    from mini_gpt.trainer import save_checkpoint

    path = Path(tempfile.mkdtemp(prefix="mini-gpt-")) / "my_model.pt"
    save_checkpoint(path, model, tokenizer)
    return str(path)


def fetch(path: str) -> tuple:
    """Load a checkpoint that somebody brings. It cannot carry code, and no huge model is built.

    Raises:
        Refusal: it is none, or does not fit.
    """
    from mini_gpt.support.checkpoint import load, load_model

    config = load(Path(path)).get("config")
    sizes = list(config.values()) if isinstance(config, dict) else [0]
    if not all(isinstance(size, int) and 0 < size <= LARGEST_SIZE for size in sizes):
        raise Refusal(f"This file holds no small model: its sizes must be 1 to {LARGEST_SIZE}.")
    return load_model(Path(path))


def text_of(pasted: str, file: str | None) -> str:
    """Return the text that was brought as a file, or else the one that was pasted."""
    if not file:
        return pasted
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("The file must be UTF-8 text: save it as UTF-8.") from None


def curve(losses: list[float]):
    """Return a table of steps and losses, as a plot wants it."""
    import pandas

    return pandas.DataFrame({"step": range(1, len(losses) + 1), "loss": losses})


def build() -> None:
    """Show the tab."""
    import gradio as gr

    def learn(pasted, file, steps):
        """Train, and show curve and sample while it goes on."""
        try:
            for model, tokenizer, losses, said in train(text_of(pasted, file), int(steps)):
                now = f"Step {len(losses):,} of {int(steps):,}, loss {losses[-1]:.2f}"
                yield now, curve(losses), said, (model, tokenizer)
        except Refusal as error:
            raise gr.Error(str(error)) from None

    def talk(mine, prompt):
        """Let the visitor's own model go on from a prompt."""
        from mini_gpt.web import stream

        if not mine or not prompt:
            raise gr.Error("Train or load a model first, and type at least one character.")
        yield from stream(*mine, prompt)

    def download(mine):
        """Make a file of the visitor's own model."""
        if not mine:
            raise gr.Error("There is no model yet: train one first.")
        return gr.File(keep(*mine), visible=True)

    def upload(path):
        """Take a model from a file."""
        try:
            return "This model is loaded. Talk to it below.", fetch(path)
        except Refusal as error:
            raise gr.Error(str(error)) from None

    mine = gr.State()
    gr.Markdown("Paste a text of your own. A fresh model learns it while you watch.")
    pasted = gr.Textbox(label="Your text, 65 characters or more", lines=5, max_lines=12)
    with gr.Row():
        file = gr.File(label="Or a text file", file_types=[".txt", ".md"], height=120)
        steps = gr.Slider(10, MOST_STEPS, 200, step=10, label="Steps")
    with gr.Row():
        start, stop = gr.Button("Train", variant="primary"), gr.Button("Stop training")
    now = gr.Textbox(label="How far it is", interactive=False)
    plot = gr.LinePlot(x="step", y="loss", label="Loss", height=220)
    said = gr.Textbox(label="What it says by now", lines=3, interactive=False)
    with gr.Row():
        prompt = gr.Textbox(label="Talk to this model: a beginning, and Enter")
        answer = gr.Textbox(label="Its text", lines=3, interactive=False)
    with gr.Row():
        save = gr.Button("Make a file of this model")
        saved = gr.File(label="Its file", interactive=False, visible=False)
        loaded = gr.File(label="Load such a file", file_types=[".pt"], height=120)
    running = start.click(
        learn, [pasted, file, steps], [now, plot, said, mine], api_name="learn", concurrency_limit=2
    )
    stop.click(None, cancels=running)
    prompt.submit(seldom(talk), [mine, prompt], answer, api_name="talk_to_mine")
    save.click(download, mine, saved, api_name="download")
    loaded.upload(upload, loaded, [now, mine], api_name="upload")
