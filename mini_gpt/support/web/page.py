"""Puts the tabs together: the learner's own page comes first."""

from collections.abc import Callable
from pathlib import Path

from mini_gpt.paths import MODEL_FILE
from mini_gpt.support.refusal import Refusal
from mini_gpt.support.web import learn, look, loops, ways

WELCOME = "Everything here runs on this computer. Nothing is sent anywhere."


def build(model_file: Path):
    """Build the whole page. Nothing is started.

    Args:
        model_file: the model that it is about.

    Returns:
        A gradio.Blocks. What cannot be shown is replaced by a sentence that says why.
    """
    import gradio as gr

    found = trouble = None
    try:
        found = load(model_file)
    except Exception as error:
        trouble = sentence(error)
    talk = learners_page(*found) if found else None  # built outside, so that it is a page itself
    tabs = {"Talk": talk, "Look inside": look.build, "Three ways": ways.build}
    with gr.Blocks(title="Mini-GPT", analytics_enabled=False) as page:
        gr.Markdown(WELCOME)
        for name, tab in tabs.items():
            with gr.Tab(name):
                show(tab, found) if found else gr.Markdown(f"### No model yet\n{trouble}")
        with gr.Tab("Watch it learn"):
            show(learn.build, ())
        with gr.Tab("Loops"):
            show(loops.build, ())
    return page


def load(model_file: Path) -> tuple:
    """Load the model and its tokenizer, or say in a sentence what to run."""
    from mini_gpt.support.checkpoint import load_model

    if not model_file.exists() and model_file == MODEL_FILE:
        run = "Close this page with Ctrl-C, and run python -m mini_gpt"
        raise Refusal(f"There is no {MODEL_FILE.name}. {run}, or look at the tab Watch it learn.")
    return load_model(model_file)


def learners_page(model, tokenizer) -> Callable:
    """Build the learner's own page. Returns what shows it, or raises what went wrong."""
    try:
        from mini_gpt.web import build_page

        own = build_page(model, tokenizer)
    except Exception as error:
        wrong = error
    else:
        return lambda model, tokenizer: own.render()

    def fail(model, tokenizer):
        raise wrong

    return fail


def show(tab: Callable, given: tuple) -> None:
    """Build a tab. If that fails, show the reason in its place."""
    import gradio as gr

    try:
        tab(*given)
    except Exception as error:
        gr.Markdown(f"### This tab cannot be shown\n{sentence(error)}")


def sentence(error: Exception) -> str:
    """Say what went wrong in a sentence that Markdown shows as it is."""
    from mini_gpt.__main__ import explain

    try:
        text = explain(error)
    except IndexError:  # no line of the learner's is to blame
        text = f"{type(error).__name__}: {error}"
    return f"```text\n{text}\n```"
