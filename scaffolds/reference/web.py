"""Loop 9, the web interface: your model on a page, for a friend to try.

Three parts: what may come next, a text that grows while you watch, and the page around the two.
Shapes: T tokens so far, V tokens in the vocabulary.
Source: the page is made of the parts of Gradio 6, https://www.gradio.app/docs
"""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn


def ids_of(tokenizer, text: str) -> Tensor:
    """Return the ids of a text as the model wants them, int64, (1, T).

    Raises:
        ValueError: the text is empty, so there is nothing to go on from.
    """
    # Without a character there is nothing to guess from.
    if not text:
        raise ValueError("the text must hold at least 1 character, got 0: type a beginning")
    # One text makes one row.
    return torch.tensor([tokenizer.encode(text)], dtype=torch.int64)


@torch.no_grad()
def next_characters(model: nn.Module, tokenizer, text: str, n: int = 10) -> list[tuple[str, float]]:
    """List what may come next, and how likely the model finds it.

    Args:
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.
        text: the text so far, at least one character.
        n: how many to list, at least 1. Of a smaller vocabulary, all are listed.

    Returns:
        (token, probability) of the n most likely next tokens, the largest probability first.

    Raises:
        ValueError: the text is empty, or n is below 1.
    """
    # Nobody asks for less than one.
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    # Show the model the end of the text, as much as it can look at.
    ids = ids_of(tokenizer, text)[:, -model.config["block_size"] :]
    # Remember the model's mode, and switch it to using what it learned.
    was_training = model.training
    model.eval()
    # Only the scores after the last token are of interest. Then the mode comes back.
    try:
        scores = model(ids)[0, -1]  # (1, T, V) -> (V)
    finally:
        model.train(was_training)
    # Scores become probabilities. Take the n largest, or all if there are fewer.
    best = torch.softmax(scores, dim=-1).topk(min(n, len(scores)))
    # Write each id as text.
    tokens = [tokenizer.decode([id]) for id in best.indices.tolist()]
    return list(zip(tokens, best.values.tolist(), strict=True))


def stream(
    model: nn.Module,
    tokenizer,
    prompt: str,
    n_characters: int = 200,
    temperature: float = 0.8,
    top_k: int | None = None,
    seed: int = 0,
) -> Iterator[str]:
    """Continue a prompt, and hand out the text so far again and again, while it grows.

    Nothing is calculated before it is asked for. Who asks no more, or closes it, stops the work.

    Args:
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.
        prompt: the beginning, at least one character. Unknown characters appear as <unk>.
        n_characters: how many tokens to add.
        temperature: 0 or above: 0 takes the best token, above it one is drawn.
        top_k: draw from the k best only. None means from all.
        seed: the same seed draws the same text.

    Yields:
        The whole text so far, with the prompt, after each new token.

    Raises:
        ValueError: at the first text, where the prompt is empty, or temperature or top_k is out of
            range.
    """
    from mini_gpt.sampler import generate

    # Each stream has its own lots to draw, so two of them do not disturb each other.
    generator = torch.Generator().manual_seed(seed)
    ids = ids_of(tokenizer, prompt)
    # Add one token after the other. In between, whoever reads the text decides if it goes on.
    for _ in range(n_characters):
        ids = generate(model, ids, 1, temperature, top_k, generator)
        # Read the whole text anew: a character may be made of several tokens.
        yield tokenizer.decode(ids[0].tolist())


def talk(model, tokenizer, prompt, n_characters, temperature, top_k, seed) -> Iterator[tuple]:
    """Go on from what a visitor has typed, with all that the sliders say.

    Yields:
        (text, bars) after each new token: the text so far, and a dict of what may come next.
    """
    import gradio as gr

    # Tell the visitor what is missing, in a friendly box.
    if not prompt:
        raise gr.Error("Type at least one character to begin with.")
    # A slider may give 200.0. Only whole numbers can be counted.
    how = (int(n_characters), temperature, int(top_k), seed)
    # What the model sees of the prompt stands at the front of each text.
    begin = tokenizer.decode(tokenizer.encode(prompt))
    # Hand out each text as it comes, with its bars.
    for text in stream(model, tokenizer, prompt, *how):
        # The bars need the prompt as it was typed: <unk> read again would be five characters.
        bars = next_characters(model, tokenizer, prompt + text[len(begin) :])
        yield text, {token.replace(" ", "␣"): share for token, share in bars}


def build_page(model: nn.Module, tokenizer):
    """Build the page: a box for the prompt, the text that grows, and bars of what may come next.

    Args:
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.

    Returns:
        A gradio.Blocks. Nothing is started: that is what its launch() is for.
    """
    import gradio as gr

    # The page counts nobody, and sends nothing anywhere.
    with gr.Blocks(title="Mini-GPT", analytics_enabled=False) as page:
        # What goes in: the prompt, and how to go on from it.
        gr.Markdown("# Mini-GPT\nType a beginning, and watch the model go on from there.")
        prompt = gr.Textbox("once upon", label="Your beginning")
        with gr.Accordion("How it writes", open=False):
            n_characters = gr.Slider(1, 500, 50, step=1, label="Characters to add")
            temperature = gr.Slider(0, 2, 0.8, step=0.1, label="Temperature: 0 is always the best")
            V = model.config["vocab_size"]
            top_k = gr.Slider(1, V, V, step=1, label="Draw from the k best only")
            seed = gr.Number(0, precision=0, minimum=0, label="Seed: the same draws the same text")
        # The buttons, and what comes out.
        with gr.Row():
            write = gr.Button("Write", variant="primary")
            stop = gr.Button("Stop")
        text = gr.Textbox(label="The text", lines=5)
        bars = gr.Label(label="What may come next", num_top_classes=10, show_heading=False)
        # The button starts it, and so does the Enter key. Stop closes the stream.
        given = [prompt, n_characters, temperature, top_k, seed]
        both = [write.click, prompt.submit]
        go_on = partial(talk, model, tokenizer)
        running = gr.on(both, go_on, given, [text, bars], api_name="talk")
        stop.click(None, cancels=running)
    return page
