"""Dictionary-encode characters: text -> ids -> text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SPECIALS = ("<pad>", "<unk>", "<eos>")
UNK_ID = SPECIALS.index("<unk>")


# --- small helpers -----------------------------------------------------------


def require_text(value: object) -> str:
    """Pass a string through, refuse anything else."""
    if not isinstance(value, str):
        raise TypeError(f"expected a str, got {type(value).__name__}")
    return value


def distinct(characters: Iterable[str]) -> list[str]:
    """Drop duplicates, keep the order of first appearance."""
    return list(dict.fromkeys(characters))


def build_vocab(text: str) -> list[str]:
    """The id -> token column."""
    return [*SPECIALS, *distinct(text)]


def invert(vocab: Sequence[str]) -> dict[str, int]:
    """The token -> id index."""
    return dict(zip(vocab, range(len(vocab))))


def lookup_id(index: Mapping[str, int], character: str) -> int:
    """The id of one character, UNK_ID if there is none."""
    return index.get(character, UNK_ID)


@dataclass(frozen=True)
class IdRange:
    """The half-open range of valid ids."""

    stop: int
    start: int = 0

    def contains(self, token_id: int) -> bool:
        return self.start <= token_id < self.stop

    def error(self, token_id: int) -> ValueError:
        return ValueError(f"id {token_id} is not in [{self.start}, {self.stop})")

    def check(self, token_id: int) -> int:
        if not self.contains(token_id):
            raise self.error(token_id)
        return token_id


# --- the class ---------------------------------------------------------------


class CharTokenizer:
    """Thin wrapper that wires the helpers together."""

    def __init__(self, text: str):
        self.vocab = build_vocab(require_text(text))
        self.vocab_size = len(self.vocab)
        self._index = invert(self.vocab)
        self._range = IdRange(stop=self.vocab_size)

    def encode(self, text: str) -> list[int]:
        return [lookup_id(self._index, character) for character in require_text(text)]

    def decode(self, ids: Iterable[int]) -> str:
        checked = map(self._range.check, ids)
        return "".join(self.vocab[token_id] for token_id in checked)
