"""Look inside: for each character of a text, what the model expected, and where it looked."""

from mini_gpt.support.looking.labels import label

FIRST = "hello world. once upon our pond"
LONGEST = 64
"""Of a longer text, the end is shown: a larger map could not be read."""


def guesses(model, tokenizer, text: str, place: int) -> dict[str, float]:
    """Return what the model expected at a place of a text, from the characters before it.

    Args:
        model: a MiniGPT.
        tokenizer: its tokenizer.
        text: the text, one token for each character.
        place: 1 to len(text): how many characters are known. The next one is guessed.

    Returns:
        The ten most likely tokens and their probabilities.
    """
    from mini_gpt.web import next_characters

    return {label(token): p for token, p in next_characters(model, tokenizer, text[:place])}


def maps(model, tokenizer, text: str) -> tuple[list, list[str]]:
    """Return the attention of all layers, (H, T, T) each, and the T tokens of the text."""
    import torch

    from mini_gpt.attention_map import record_attention

    ids = tokenizer.encode(text)[-model.config["block_size"] :]
    weights = record_attention(model, torch.tensor([ids], dtype=torch.int64))
    return weights, [tokenizer.decode([id]) for id in ids]


def shares(weights: list, tokens: list[str], place: int, layer: int, head: int) -> list:
    """Return each token up to a place with the share of attention that it gets, 0 to 1.

    Layer, head and place are counted from 1, as people do.
    """
    row = weights[layer - 1][head - 1][place - 1].tolist()
    return [(label(token), share) for token, share in zip(tokens[:place], row)]


def build(model, tokenizer) -> None:
    """Show the tab."""
    import gradio as gr

    from mini_gpt.attention_map import attention_figure

    def at_place(text, place, layer, head):
        """Show both for a place. Beyond the end of the text, the last place is meant."""
        text = text[-LONGEST:]
        if not text:
            raise gr.Error("Type at least one character.")
        place = max(1, min(int(place), len(text)))
        looks = shares(*maps(model, tokenizer, text), place, int(layer), int(head))
        return looks, guesses(model, tokenizer, text, place)

    def all_maps(text):
        """Draw the maps of all layers and heads."""
        if not text:
            raise gr.Error("Type at least one character.")
        drawn = attention_figure(*maps(model, tokenizer, text[-LONGEST:]))
        return gr.Plot(drawn, visible=True)

    first = at_place(FIRST, 8, 1, 1)
    gr.Markdown("Move along the text: what did the model expect there, and where did it look?")
    text = gr.Textbox(FIRST, label=f"A text, up to {LONGEST} characters")
    place = gr.Slider(1, LONGEST, 8, step=1, label="How many characters are known")
    with gr.Row():
        layer = gr.Slider(1, model.config["n_layer"], 1, step=1, label="Layer")
        head = gr.Slider(1, model.config["n_head"], 1, step=1, label="Head")
    where = gr.HighlightedText(
        first[0],
        label="Where the last known character looks: the more, the darker",
        show_legend=False,
        show_inline_category=False,
    )
    bars = gr.Label(first[1], label="What may come next", num_top_classes=10, show_heading=False)
    draw = gr.Button("Draw all layers and heads")
    figure = gr.Plot(label="Attention", format="png", visible=False)
    gr.on(
        [text.submit, place.change, layer.change, head.change],
        at_place,
        [text, place, layer, head],
        [where, bars],
        api_name="look",
        trigger_mode="always_last",
        show_progress="hidden",
    )
    draw.click(all_maps, text, figure, api_name="maps")
