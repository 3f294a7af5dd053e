"""As many texts a second as an eye can follow: the page shows more slowly than the model writes."""

import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import wraps

EVERY = 0.05
"""Seconds from one text that is shown to the next."""


def calm(page) -> None:
    """Let all functions of a page that hand out texts hand out fewer of them.

    Args:
        page: a gradio.Blocks that is not open yet.
    """
    for function in page.fns.values():
        if inspect.isgeneratorfunction(function.fn):
            function.fn = seldom(function.fn)


def seldom(texts: Callable[..., Iterator]) -> Callable[..., Iterator]:
    """Hand out the first text, the last one, and in between what comes after EVERY seconds."""

    @wraps(texts)
    def fewer(*given: object) -> Iterator:
        next_time, held = 0.0, []
        with closing(texts(*given)) as all_of_them:
            for text in all_of_them:
                held = [text]
                if time.monotonic() >= next_time:
                    yield held.pop()
                    next_time = time.monotonic() + EVERY
        yield from held

    return fewer
