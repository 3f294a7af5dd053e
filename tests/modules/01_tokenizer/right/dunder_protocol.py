# Style: a lover of Python's data model: Sequence, __missing__, __getitem__, cached_property.
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property


class Lookup(dict):
    """token -> id. What is not there counts as unknown, and is not stored."""

    def __missing__(self, token: str) -> int:
        return self["<unk>"]


class Alphabet(Sequence):
    """id -> token, read-only, and strict about its ends."""

    RESERVED = "<pad>", "<unk>", "<eos>"

    def __init__(self, characters: Iterable[str]) -> None:
        self._tokens = (*self.RESERVED, *dict.fromkeys(characters))

    def __len__(self) -> int:
        return len(self._tokens)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tokens)

    def __getitem__(self, number: int) -> str:
        if number not in range(len(self)):
            raise IndexError(f"there is no id {number}")
        return self._tokens[number]


class CharTokenizer:
    def __init__(self, text: str) -> None:
        self.alphabet = Alphabet(text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({''.join(self.vocab[3:])!r})"

    def __len__(self) -> int:
        return len(self.alphabet)

    @cached_property
    def vocab(self) -> list[str]:
        return list(self.alphabet)

    @property
    def vocab_size(self) -> int:
        return len(self)

    @cached_property
    def lookup(self) -> Lookup:
        return Lookup((token, number) for number, token in enumerate(self.alphabet))

    def encode(self, text: str) -> list[int]:
        return list(map(self.lookup.__getitem__, text))

    def decode(self, ids: Iterable[int]) -> str:
        try:
            return "".join(map(self.alphabet.__getitem__, ids))
        except IndexError as error:
            raise ValueError(*error.args) from error
