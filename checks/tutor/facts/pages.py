"""A page that a learner built: it is opened on this computer, and asked as a browser would ask."""

import logging
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from tutor.facts.lab import Lab
from tutor.facts.words import LeftOut, Wrong, expect_type

OLDEST = (6, 7)
"""Older versions of Gradio hand out any file, on Windows with Python 3.13."""
INSTALL = "pip install -r requirements-web.txt"
SECONDS = 30.0
"""So long an answer of the page is waited for."""
MOVED = "moved from the Blocks constructor"

GONE = {
    "type": "since Gradio 6 a chat is always a list of messages: leave type out",
    "show_copy_button": 'since Gradio 6 it is buttons=["copy"]',
    "show_share_button": "since Gradio 6 it is buttons=[...]",
    "show_download_button": "since Gradio 6 it is buttons=[...]",
    "bubble_full_width": "Gradio 6 has it no more: leave it out",
    "show_api": 'since Gradio 6 it is api_visibility="private"',
    "allow_flagging": 'since Gradio 5 it is flagging_mode="never"',
    "retry_btn": "Gradio 5 and 6 have it no more: leave it out",
    "undo_btn": "Gradio 5 and 6 have it no more: leave it out",
    "concurrency_count": "since Gradio 4 it is default_concurrency_limit",
    "enable_queue": "Gradio 4 and later always queue: leave it out",
    "_js": "since Gradio 4 it is js",
    "style": "since Gradio 4 these are arguments of the component itself",
    "update": "since Gradio 4 return gr.update(...), or a new component",
    "inputs": "since Gradio 3 it is gr.Textbox, not gr.inputs.Textbox",
    "outputs": "since Gradio 3 it is gr.Textbox, not gr.outputs.Textbox",
    "Box": "since Gradio 4 it is gr.Group",
    "default": "it is value",
}
"""What older versions had, and many a chat still writes."""


def gradio() -> types.ModuleType:
    """Return Gradio.

    Raises:
        LeftOut: it is not installed.
        Wrong: it is too old.
    """
    try:
        import gradio
    except ModuleNotFoundError as error:
        if error.name != "gradio":
            raise
        raise LeftOut(f"gradio is not installed: {INSTALL}") from None
    version = tuple(map(int, gradio.__version__.split(".")[:2]))
    if version < OLDEST:
        expected, got = ".".join(map(str, OLDEST)), gradio.__version__
        raise Wrong("gradio.__version__", f"{expected} or newer", got, INSTALL)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return gradio


def build(lab: Lab, model: object, tokenizer: object) -> object:
    """Let the learner build the page, and see that nothing is started and nobody is told."""
    gr, called = gradio(), lab.calls("build_page(model, tokenizer)")
    calls_home = []
    with (
        without(gr.Blocks, "launch", "a page that is built, not started: the command does that"),
        without(gr, "load", "a page of its own: nothing is loaded from elsewhere"),
        stand_in(gr.analytics, "version_check", lambda: calls_home.append("version_check")),
        stand_in(gr.analytics, "initiated_analytics", calls_home.append),
        explained(),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("error", message=f".*{MOVED}.*")
        page = lab.module.build_page(model, tokenizer)
    expect_type(called, page, gr.Blocks)
    if calls_home:
        likely = "gr.Blocks(analytics_enabled=False) does that"
        raise Wrong(called, "nobody is told about it", "Gradio's makers are told", likely)
    return page


@contextmanager
def without(owner: object, name: str, expected: str) -> Iterator[None]:
    """Let a function of Gradio's raise an error, in the line that calls it."""

    def refuse(*arguments: object, **options: object) -> None:
        error = RuntimeError(f"{name} was called")
        error.expected = expected
        raise error

    with stand_in(owner, name, refuse):
        yield


@contextmanager
def stand_in(owner: object, name: str, value: object) -> Iterator[None]:
    """Put something in the place of a name, and put it back."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def explained() -> Iterator[None]:
    """Add to an error what the newer versions of Gradio have instead."""
    try:
        yield
    except (TypeError, AttributeError) as error:
        name = str(error).rpartition("'")[0].rpartition("'")[2]
        is_gradios = "unexpected keyword" in str(error) or "has no attribute" in str(error)
        if is_gradios and name in GONE:
            error.likely = GONE[name]
        raise
    except UserWarning as error:
        error.likely = "since Gradio 6 these go to launch(), and the command sees to that"
        raise


class Visitor:
    """Somebody who has the page open.

    Args:
        address: of the page.
    """

    def __init__(self, address: str):
        from gradio_client import Client

        self.client = Client(address, verbose=False)

    def doors(self) -> list[tuple[str, str]]:
        """List the functions of the page that take a text, each with the name of the parameter."""
        named = self.client.view_api(print_info=False, return_format="dict")["named_endpoints"]
        return [
            (name, parameter["parameter_name"])
            for name, about in named.items()
            for parameter in about["parameters"][:1]
            if parameter["type"].get("type") == "string"
        ]

    def type(self, door: tuple[str, str], prompt: str) -> object:
        """Send a prompt. Returns the job that brings the answers."""
        name, parameter = door
        return self.client.submit(api_name=name, **{parameter: prompt})


def texts_of(answers: list) -> list[str]:
    """Return the texts in what a function of the page handed out, each time it did."""
    return [" ".join(strings_in(answer)) for answer in answers]


def strings_in(value: object) -> Iterator[str]:
    """Yield every string in lists, tuples and dicts, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings_in(part)


@contextmanager
def opened(page: object) -> Iterator[list[BaseException]]:
    """Open a page on this computer alone. Yields a list in which its errors are collected."""
    errors = []

    def keep(*arguments: object, **options: object) -> None:
        errors.append(sys.exc_info()[1])

    with stand_in(traceback, "print_exc", keep):
        page.launch(
            prevent_thread_lock=True,
            server_name="127.0.0.1",
            share=False,
            quiet=True,
            ssr_mode=False,
        )
        try:
            yield errors
        finally:
            threading.Thread(target=page.close, kwargs={"verbose": False}, daemon=True).start()


def answers(lab: Lab, errors: list, job: object) -> list[str]:
    """Wait for all texts that a job brings. An error of the learner's code is raised here."""
    try:
        job.result(timeout=SECONDS)
    except Exception as error:
        own = errors[-1] if errors else error
        own.expected = "a text that grows"
        with explained():
            raise own from None
    return texts_of(job.outputs())
