"""Port of my CharTokenizer.kt to Python."""

from __future__ import annotations

from typing import Final, Iterable, Optional


def _require(condition: bool, message: str) -> None:
    """Like Kotlin's require(): IllegalArgumentException becomes ValueError."""
    if not condition:
        raise ValueError(message)


def _require_string(value: object) -> None:
    if not isinstance(value, str):
        raise TypeError("expected a String, got " + type(value).__name__)


class CharTokenizer:
    # companion object
    UNK_ID: Final[int] = 1
    FIRST_CHAR_ID: Final[int] = 3

    def __init__(self, text: str) -> None:
        _require_string(text)
        self.vocab: list[str] = ["<pad>", "<unk>", "<eos>"]
        # Rank of each character: 0 for the first one in the text, 1 for the next new one, ...
        self._rank_of: dict[str, int] = {}
        for ch in text:
            if ch not in self._rank_of:
                self._rank_of[ch] = len(self._rank_of)
                self.vocab.append(ch)
        self.vocab_size: int = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        _require_string(text)
        result: list[int] = []
        for ch in text:
            rank: Optional[int] = self._rank_of.get(ch)  # Int? - null if the key is missing
            # The characters come after the special tokens.
            token_id: int = rank + self.FIRST_CHAR_ID if rank is not None else self.UNK_ID
            result.append(token_id)  # PREDICT: what is here for "hello"?
        return result

    def decode(self, ids: Iterable[int]) -> str:
        valid_ids: range = range(0, self.vocab_size)
        string_builder: list[str] = []
        for token_id in ids:
            _require(token_id in valid_ids, f"no such id: {token_id}")
            string_builder.append(self.vocab[token_id])
        return "".join(string_builder)
