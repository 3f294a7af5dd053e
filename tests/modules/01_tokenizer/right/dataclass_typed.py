from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final


class Special(IntEnum):
    """The reserved ids."""

    PAD = 0
    UNK = 1
    EOS = 2

    @property
    def token(self) -> str:
        return f"<{self.name.lower()}>"


@dataclass(slots=True)
class Vocabulary:
    """A two-way table: id -> token and character -> id."""

    tokens: list[str] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str) -> Vocabulary:
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, got {type(text).__name__}")
        # the special tokens first
        result = cls(tokens=[special.token for special in Special])
        # then each character when it is seen for the first time
        for character in text:
            if character not in result.ids:
                result.ids[character] = len(result.tokens)
                result.tokens.append(character)
        return result

    def token_of(self, token_id: int) -> str:
        if not 0 <= token_id < len(self.tokens):
            raise ValueError(f"id {token_id} is not in 0..{len(self.tokens) - 1}")
        return self.tokens[token_id]

    def id_of(self, character: str) -> int:
        try:
            return self.ids[character]
        except KeyError:
            return int(Special.UNK)


class CharTokenizer:
    """Characters to ids and back."""

    vocab: list[str]
    vocab_size: int

    def __init__(self, text: str) -> None:
        self._vocabulary: Final[Vocabulary] = Vocabulary.from_text(text)
        self.vocab = self._vocabulary.tokens
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, got {type(text).__name__}")
        # look up each character in the table
        return [self._vocabulary.id_of(c) for c in text]  # PREDICT: what is here for "hello"?

    def decode(self, ids: Iterable[int]) -> str:
        # glue the tokens together
        return "".join(self._tokens(ids))

    def _tokens(self, ids: Iterable[int]) -> Iterator[str]:
        for token_id in ids:
            token = self._vocabulary.token_of(token_id)
            yield token
