# a Python veteran: setdefault with len, slots, a property, bound methods, ask forgiveness
from collections.abc import Iterable
from itertools import chain
from typing import Final

SPECIALS: Final = ("<pad>", "<unk>", "<eos>")
PAD, UNK, EOS = range(len(SPECIALS))


class CharTokenizer:
    __slots__ = ("_index", "vocab")

    def __init__(self, text: str):
        self._index: dict[str, int] = {}
        for token in chain(SPECIALS, text):
            self._index.setdefault(token, len(self._index))
        self.vocab = list(self._index)

    vocab_size = property(lambda self: len(self.vocab))

    def encode(self, text: str) -> list[int]:
        lookup = self._index.get
        return [lookup(char, UNK) for char in text]

    def decode(self, ids: Iterable[int]) -> str:
        return "".join(map(self._token, ids))

    def _token(self, number: int) -> str:
        if number < 0:
            raise ValueError(f"{number} is negative")
        try:
            return self.vocab[number]
        except IndexError as error:
            raise ValueError(f"no token has the id {number}") from error

    def __repr__(self):
        return f"<{type(self).__name__} with {self.vocab_size} tokens>"
