"""Three ways to go on from the same beginning: greedy, drawn by lot, and beam search."""

MOST = 60
"""Beam search looks at several texts for each character, so it gets a short one."""


def three_ways(model, tokenizer, prompt: str, n: int, temperature: float, n_beams: int) -> list:
    """Continue a prompt in three ways.

    Returns:
        (name, text, ln p) for each way: ln p is how likely the model finds what was added.
    """
    import torch

    from mini_gpt.beam_search import beam_search, log_probability
    from mini_gpt.sampler import generate

    ids = torch.tensor([tokenizer.encode(prompt)], dtype=torch.int64)
    dice = torch.Generator().manual_seed(0)
    found = {
        "greedy: always the best": generate(model, ids, n, 0),
        "drawn by lot": generate(model, ids, n, temperature, generator=dice),
        f"beam search, {n_beams} beams": beam_search(model, ids, n, n_beams)[0][0],
    }
    return [
        (name, tokenizer.decode(row[0].tolist()), log_probability(model, row, ids.shape[1]))
        for name, row in found.items()
    ]


def build(model, tokenizer) -> None:
    """Show the tab."""
    import gradio as gr

    def compare(prompt, n, temperature, n_beams):
        """Fill the table."""
        if not prompt:
            raise gr.Error("Type at least one character to begin with.")
        rows = three_ways(model, tokenizer, prompt, int(n), temperature, int(n_beams))
        return [[name, text, round(total, 2)] for name, text, total in rows]

    gr.Markdown(
        "The same beginning, three ways to go on. *ln p* tells how likely the model finds what was "
        "added: closer to 0 is more likely."
    )
    prompt = gr.Textbox("hello", label="Your beginning")
    with gr.Row():
        n = gr.Slider(1, MOST, 20, step=1, label="Characters to add")
        temperature = gr.Slider(0.1, 2, 1, step=0.1, label="Temperature of the lots")
        n_beams = gr.Slider(1, 8, 4, step=1, label="Beams")
    go = gr.Button("Compare", variant="primary")
    table = gr.Dataframe(headers=["way", "text", "ln p"], interactive=False, wrap=True)
    given = [prompt, n, temperature, n_beams]
    gr.on([go.click, prompt.submit], compare, given, table, api_name="compare")
