"""Character-level tokenizer of the mini GPT.

Invariants kept by CharTokenizer:
    * vocab[i] is the token with id i, and every token occurs once;
    * the ids 0 to 2 belong to the special tokens;
    * vocab_size == len(vocab).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

SPECIAL_TOKENS: Final[tuple[str, ...]] = ("<pad>", "<unk>", "<eos>")
UNKNOWN_ID: Final[int] = SPECIAL_TOKENS.index("<unk>")


def _require_str(value: object, argument: str) -> None:
    """Raise TypeError if value is not a str."""
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, got {type(value).__name__}")


class CharTokenizer:
    """Maps each character of a text to an id, and ids back to text."""

    vocab: list[str]
    vocab_size: int
    _token_to_id: dict[str, int]

    def __init__(self, text: str) -> None:
        _require_str(text, "text")

        # The special tokens come first.
        self.vocab = list(SPECIAL_TOKENS)
        self._token_to_id = {}
        for special_id, special_token in enumerate(SPECIAL_TOKENS):
            self._token_to_id[special_token] = special_id

        # Then each character, at its first appearance.
        for character in text:
            is_new: bool = character not in self._token_to_id
            if is_new:
                new_id: int = len(self.vocab)
                self.vocab.append(character)
                self._token_to_id[character] = new_id

        self.vocab_size = len(self.vocab)
        assert self.vocab_size >= len(SPECIAL_TOKENS)

    def encode(self, text: str) -> list[int]:
        """Return one id per character; unknown characters become UNKNOWN_ID."""
        _require_str(text, "text")

        ids: list[int] = []
        for character in text:
            token_id: int = self._token_to_id.get(character, UNKNOWN_ID)
            ids.append(token_id)

        assert len(ids) == len(text), "one id for each character"
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of the ids; raise ValueError for an id without a token."""
        first_id: int = 0
        last_id: int = self.vocab_size - 1

        tokens: list[str] = []
        for token_id in ids:
            is_valid: bool = first_id <= token_id <= last_id
            if not is_valid:
                raise ValueError(f"id {token_id} is not in the range {first_id} to {last_id}")
            tokens.append(self.vocab[token_id])

        text: str = "".join(tokens)
        return text
