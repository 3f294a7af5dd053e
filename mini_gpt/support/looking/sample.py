"""The text on which the captions are measured: longer than what is typed, and one that fits."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from mini_gpt.story import STORY, TRAINING_TEXT
from mini_gpt.support.looking.reading import refuse_unknown
from mini_gpt.support.refusal import Refusal

WINDOW = 64
"""Tokens that the model reads at once, as while it trained."""

MOST_WINDOWS = 51
"""So many windows, or fewer. The story has 51: one from each of its characters on."""


@dataclass(frozen=True)
class Sample:
    """Windows of a text.

    Args:
        name: which text, in words.
        windows: ids, (N, T + 1): T to read, and the answers one place later.
        texts: the T tokens of each window.
    """

    name: str
    windows: Tensor
    texts: list[list[str]]


def choose(model, tokenizer, typed: list[int], given: Path | None, book: Path | None) -> Sample:
    """Choose a text: the one given, or what the model has not seen of its book, or the story.

    Args:
        model: says how much it can read at once.
        tokenizer: its tokenizer.
        typed: the ids that are looked at. They must do if nothing else fits.
        given: a file of the user's.
        book: where the ids of its book are kept, if it was made by the command train.

    Raises:
        Refusal: the file cannot be read, or holds too little.
    """
    length = piece_length(model)
    if given is not None:
        ids = tokenizer.encode(read(given))
        refuse_unknown(ids, tokenizer)
        return cut(given.name, ids, tokenizer, length)
    if book is not None and book.exists():
        from mini_gpt.support.training.prepare import open_parts

        return cut("unseen text of its book", open_parts(book)[1].tolist(), tokenizer, length)
    if set(STORY) <= set(tokenizer.vocab[3:]):
        return story(model, tokenizer)
    return cut("your text alone", typed, tokenizer, length)


def piece_length(model) -> int:
    """Return how many tokens the model is given at once."""
    return min(WINDOW, model.config["block_size"])


def story(model, tokenizer) -> Sample:
    """Take the story, from each of its characters on."""
    length = piece_length(model)
    ids = tokenizer.encode(TRAINING_TEXT)[: len(STORY) + length]
    return cut("the story", ids, tokenizer, length)


def read(path: Path) -> str:
    """Read a file of the user's."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Refusal(f"There is no file {path}: look at the name.") from None
    except UnicodeDecodeError:
        raise Refusal(f"{path} must be UTF-8 text, but it is not: save it as UTF-8.") from None


def cut(name: str, ids: list[int], tokenizer, length: int) -> Sample:
    """Cut windows out of a text, spread evenly. A short text is one window."""
    if len(ids) < 2:
        wrong = "To measure what a head does, a text of at least 2 characters is needed"
        raise Refusal(f"{wrong}, got {len(ids)}: type a longer one, or add --on FILE.")
    length = min(length, len(ids) - 1)
    starts = len(ids) - length
    count = min(MOST_WINDOWS, starts)
    begins = [number * starts // count for number in range(count)]
    windows = torch.tensor([ids[begin : begin + length + 1] for begin in begins])
    texts = [[tokenizer.decode([token]) for token in row[:-1]] for row in windows.tolist()]
    return Sample(name, windows, texts)
