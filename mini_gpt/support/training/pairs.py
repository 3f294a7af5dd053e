"""A tokenizer of longer tokens for a whole book: your own BPETokenizer, piece by piece."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from mini_gpt.support.training.books import pieces_of

ENOUGH = 20
"""Pairs are learned from so many pieces of a million characters, which must fit into memory."""


def learn_pairs(files: list[Path], vocab_size: int) -> object:
    """Learn from some texts which pairs become one token. Say so, if there are too few."""
    from mini_gpt.bpe import BPETokenizer

    tokenizer = BPETokenizer.train("".join(islice(pieces_of(files), ENOUGH)), vocab_size)
    if tokenizer.vocab_size < vocab_size:
        merges = tokenizer.vocab_size - 259  # three special tokens and 256 bytes
        print(f"The text has only {merges} pairs to merge: fewer tokens than {vocab_size:,}.")
    return tokenizer


def whole_words(pieces: Iterable[str]) -> Iterator[str]:
    """Move the ends of pieces to where a word begins, so that no word is cut in two.

    >>> list(whole_words(["once up", "on our po", "nd"]))
    ['once', ' upon our', ' pond']
    """
    rest = ""
    for piece in pieces:
        whole, space, word = (rest + piece).rpartition(" ")
        rest = space + word
        if whole:
            yield whole
    if rest:
        yield rest
