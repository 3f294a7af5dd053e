# style: an object-oriented thinker, one small class for every noun, composition and dunder methods
from __future__ import annotations

from typing import Iterable, Iterator


class Alphabet:
    """Different tokens, in the order in which they came."""

    __slots__ = ("_tokens", "_positions")

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._tokens: list[str] = []
        self._positions: dict[str, int] = {}
        for token in tokens:
            self.add(token)

    def add(self, token: str) -> None:
        if token not in self:
            self._positions[token] = len(self)
            self._tokens.append(token)

    def position(self, token: str, default: int) -> int:
        return self._positions.get(token, default)

    def __contains__(self, token: str) -> bool:
        return token in self._positions

    def __len__(self) -> int:
        return len(self._tokens)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tokens)

    def __getitem__(self, position: int) -> str:
        if not 0 <= position < len(self):
            raise ValueError(f"position {position} is outside of the alphabet")
        return self._tokens[position]


class Encoder:
    """From text to ids."""

    def __init__(self, alphabet: Alphabet, unknown: int) -> None:
        self.alphabet = alphabet
        self.unknown = unknown

    def __call__(self, text: str) -> list[int]:
        return [self.alphabet.position(letter, self.unknown) for letter in text]


class Decoder:
    """From ids to text."""

    def __init__(self, alphabet: Alphabet) -> None:
        self.alphabet = alphabet

    def __call__(self, ids: Iterable[int]) -> str:
        tokens = [self.alphabet[one] for one in ids]
        return "".join(tokens)


class CharTokenizer:
    """The facade: it owns an alphabet, an encoder and a decoder."""

    SPECIALS = ("<pad>", "<unk>", "<eos>")

    def __init__(self, text: str) -> None:
        alphabet = Alphabet(self.SPECIALS)
        for letter in text:
            alphabet.add(letter)
        self.vocab = list(alphabet)
        self.vocab_size = len(alphabet)
        self._encoder = Encoder(alphabet, self.SPECIALS.index("<unk>"))
        self._decoder = Decoder(alphabet)

    def encode(self, text: str) -> list[int]:
        return self._encoder(text)

    def decode(self, ids: Iterable[int]) -> str:
        return self._decoder(ids)
