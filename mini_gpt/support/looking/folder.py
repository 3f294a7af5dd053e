"""A folder for what a look finds. Nothing that is there already is written over."""

import re
from pathlib import Path

from mini_gpt.support.refusal import Refusal


def fresh(wanted: Path) -> Path:
    """Make a new folder: the wanted one, or, if there is something in it, one with a number.

    Raises:
        Refusal: it cannot be made.
    """
    path, number = wanted, 1
    while path.exists() and not (path.is_dir() and not any(path.iterdir())):
        number += 1
        path = wanted.with_name(f"{wanted.name}-{number}")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{path} cannot be made ({error.strerror}): try --folder NAME.") from None
    return path


def name_for(text: str) -> str:
    """Make a name for a folder out of the beginning of a text."""
    words = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return words[:30].strip("_") or "text"
