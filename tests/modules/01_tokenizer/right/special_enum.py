"""An enum for the special tokens, a table for the characters, which count on from 3."""

import enum
import functools
import typing


class Special(enum.IntEnum):
    PAD = 0
    UNK = 1
    EOS = 2

    def label(self) -> str:
        return f"<{self.name.lower()}>"


class CharTokenizer:
    def __init__(self, text: str) -> None:
        self._characters = sorted(set(text), key=text.index)
        self._ids = {c: i for i, c in enumerate(self._characters, start=len(Special))}

    @functools.cached_property
    def vocab(self) -> typing.List[str]:
        return [special.label() for special in Special] + self._characters

    @functools.cached_property
    def vocab_size(self) -> int:
        return len(Special) + len(self._characters)

    def encode(self, text: str) -> typing.List[int]:
        return [self._ids.get(c, Special.UNK.value) for c in text]

    def decode(self, ids: typing.Iterable[int]) -> str:
        return "".join(map(self._name, ids))

    def _name(self, token_id: int) -> str:
        if 0 <= token_id < len(Special):
            return Special(token_id).label()
        index = token_id - len(Special)
        if not 0 <= index < len(self._characters):
            raise ValueError(f"unknown token id: {token_id}")
        return self._characters[index]
