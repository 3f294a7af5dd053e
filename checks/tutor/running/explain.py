"""An exception becomes a problem: called, expected, got, and the learner's own line."""

import re
import traceback
import types
from collections.abc import Collection

from tutor.facts.words import Wrong, describe
from tutor.running.module import is_learners, read_learners
from tutor.running.problem import Place, Problem
from tutor.running.source import NotAProgram, Source, names_on

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
Frame = tuple[types.FrameType, int]
TELLING = (SyntaxError, NameError, ImportError)
"""Errors that speak of the very line at which Python stops. Others have their cause further up."""


def explain(
    error: BaseException,
    source: Source | None,
    about: tuple[str, ...] = (),
    proven: Collection[str] = (),
) -> Problem:
    """Explain what a fact, or the learner's code inside it, raised.

    Args:
        error: the exception, with its traceback.
        source: the file that is checked.
        about: the functions that the fact is about, the first one foremost.
        proven: the functions that are known to be right. What raises in one was called wrongly.
    """
    if isinstance(error, NotAProgram):
        return error.problem
    if isinstance(error, Wrong):
        likely = error.likely() if callable(error.likely) else error.likely
        problem = Problem(error.called, error.expected, error.got, likely=likely)
        problem.place = function_place(source, error.about or about)
        return problem
    frames = list(traceback.walk_tb(error.__traceback__))
    expected = getattr(error, "expected", "no error")
    problem = Problem(called_in(frames), expected, message_of(error), likely=advice(error))
    own = [(frame, line) for frame, line in frames if is_learners(frame.f_code.co_filename)]
    if isinstance(error, SyntaxError) and is_learners(error.filename or ""):
        problem.place = line_place(error.filename, error.lineno or 1)
    elif own:
        frame, line = faulty(own, source, proven)
        problem.place = line_place(frame.f_code.co_filename, line)
        if problem.place:
            problem.place.stopped = not isinstance(error, TELLING)
        problem.values = values_at(frame, line)
    else:
        problem.place = function_place(source, about)
        if problem.place and re.search(r"argument", str(error)) and isinstance(error, TypeError):
            problem.place = source.place(problem.place.line)  # the def line does not take this call
    return problem


def faulty(own: list[Frame], source: Source | None, proven: Collection[str]) -> Frame:
    """Return the innermost frame of the learner's, or where it called a function proven right."""

    def is_right(frame: types.FrameType, line: int) -> bool:
        here = source is not None and frame.f_code.co_filename == str(source.path)
        return here and source.function_at(line) in proven

    right = [number for number, (frame, line) in enumerate(own) if is_right(frame, line)]
    return own[right[0] - 1] if right and right[0] > 0 else own[-1]


def advice(error: BaseException) -> str:
    """Return what is known about an error: from the fact, or as it is not a mistake in the code."""
    if hasattr(error, "likely"):
        return error.likely
    if isinstance(error, ModuleNotFoundError) and error.name in ("torch", "numpy", "matplotlib"):
        return f"{error.name} is not installed here: pip install -r requirements.txt"
    if isinstance(error, ModuleNotFoundError) and error.name == "gradio":
        return "gradio is not installed here: pip install -r requirements-web.txt"
    if isinstance(error, PermissionError):
        return "this folder cannot be written to: copy the project to one that can"
    return ""


def message_of(error: BaseException) -> str:
    """Return the exception as one line."""
    if isinstance(error, SystemExit):
        return f"the program was ended by exit({'' if error.code is None else error.code})"
    text = " ".join(COLOURS.sub("", str(error)).split())
    text = text if len(text) <= 300 else text[:300] + " ..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def called_in(frames: list[Frame]) -> str:
    """Return what the check was doing when the exception came: its own words, or its line."""
    for frame, line in reversed(frames):
        if "lab" in frame.f_locals and not is_learners(frame.f_code.co_filename):
            if words := frame.f_locals["lab"].called:
                return words
            texts = traceback.linecache.getlines(frame.f_code.co_filename)
            return texts[line - 1].strip().replace("lab.module.", "") if line <= len(texts) else ""
    return "running the file from top to bottom"


def line_place(filename: str, line: int) -> Place | None:
    """Return a line of a learner's file as a place."""
    source = read_learners(filename)
    return source.place(line) if source else None


def function_place(source: Source | None, about: tuple[str, ...]) -> Place | None:
    """Return the first of these functions that the file has, as a place."""
    for name in about if source else ():
        place = source.range_of(name) or source.range_of(name.split(".")[0])
        if place:
            return place
    return None


def values_at(frame: types.FrameType, line: int) -> list[str]:
    """Describe what the names on a line stood for, such as "i is 3"."""
    source = read_learners(frame.f_code.co_filename)
    values = []
    for name in names_on(source, line) if source else []:
        first, *rest = name.split(".")
        if first not in frame.f_locals:
            continue
        value = frame.f_locals[first]
        for part in rest:  # a method, or what is not kept in the object, is not shown
            value = getattr(value, "__dict__", {}).get(part, values_at)
        if name != "self" and not callable(value) and not isinstance(value, types.ModuleType):
            values.append(f"{name} is {describe(value)}")
    return values[:5]
