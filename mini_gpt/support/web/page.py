"""Puts the tabs together: the learner's own page comes first."""

from collections.abc import Callable
from pathlib import Path

from mini_gpt.paths import MODEL_FILE
from mini_gpt.support.looking.labels import label
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

    found = attempt(load, model_file)
    # A page of its own is built outside of all others, and shown inside.
    own = attempt(learners_page, found)
    tabs = {
        "Talk": lambda: talk(own, found),
        "Look inside": lambda: look.build(*useful(found)),
        "Three ways": lambda: ways.build(*useful(found)),
        "Watch it learn": learn.build,
        "Loops": loops.build,
    }
    with gr.Blocks(title="Mini-GPT", analytics_enabled=False) as page:
        gr.Markdown(WELCOME)
        for name, tab in tabs.items():
            with gr.Tab(name):
                trouble = attempt(tab)
                if isinstance(trouble, Exception):
                    gr.Markdown(f"### Nothing to see here yet\n{sentence(trouble)}")
    return page


def attempt(action: Callable, *given: object) -> object:
    """Return what an action returns, or the exception that it raises."""
    try:
        return action(*given)
    except Exception as error:
        return error


def useful(found: object) -> object:
    """Return what an attempt brought, or raise what it raised."""
    if isinstance(found, Exception):
        raise found
    return found


def load(model_file: Path) -> tuple:
    """Load the model and its tokenizer, or say in a sentence what to run."""
    from mini_gpt.support.checkpoint import load_model

    if not model_file.exists() and model_file == MODEL_FILE:
        run = "Close this page with Ctrl-C, and run python -m mini_gpt"
        raise Refusal(f"There is no {MODEL_FILE.name}. {run}, or look at the tab Watch it learn.")
    return load_model(model_file)


def learners_page(found: object) -> tuple:
    """Build the learner's own page. Returns it, and a line that tells whether it uses the cache."""
    from mini_gpt.support.web.pace import calm
    from mini_gpt.support.web.sharing import share
    from mini_gpt.web import build_page

    model, tokenizer = useful(found)
    shared, line = share(model)
    page = build_page(shared, tokenizer)
    calm(page)
    return page, line


def talk(own: object, found: object) -> None:
    """Show the learner's own page, and below it what the model knows and how it remembers."""
    import gradio as gr

    page, line = useful(own)
    page.render()
    known = characters(useful(found)[1])
    if known:
        gr.Textbox(known, label="The model knows these characters. All others are <unk>")
    gr.Markdown(line)


def characters(tokenizer) -> str:
    """Return the characters that a tokenizer knows, or "" where it knows pieces of words."""
    tokens = [token for token in tokenizer.vocab[3:] if isinstance(token, str)]
    return " ".join(sorted(map(label, tokens)))


def sentence(error: Exception) -> str:
    """Say what went wrong in a sentence that Markdown shows as it is."""
    from mini_gpt.__main__ import explain

    try:
        text = explain(error)
    except IndexError:  # no line of the learner's is to blame
        text = f"{type(error).__name__}: {error}"
    return f"```text\n{text}\n```"
