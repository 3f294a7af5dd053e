"""The fully typed style of an assistant: constants, annotations everywhere, long docstrings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

PAD_TOKEN: Final[str] = "<pad>"
UNK_TOKEN: Final[str] = "<unk>"
EOS_TOKEN: Final[str] = "<eos>"
SPECIAL_TOKENS: Final[tuple[str, ...]] = (PAD_TOKEN, UNK_TOKEN, EOS_TOKEN)

__all__ = ["CharTokenizer"]


class CharTokenizer:
    """Character-level tokenizer with a fixed set of reserved tokens.

    The vocabulary consists of the reserved tokens, followed by the distinct characters
    of the training text in order of first appearance.

    Attributes:
        vocab: All token strings; the position of a string is its id.
        vocab_size: The number of entries of ``vocab``.
    """

    def __init__(self, text: str) -> None:
        """Build the vocabulary.

        Args:
            text: The training text. It may be empty.
        """
        self.vocab: list[str] = list(SPECIAL_TOKENS)
        self.vocab.extend(self._distinct_characters(text))
        self.vocab_size: int = len(self.vocab)
        self._token_to_id: dict[str, int] = {
            token: token_id for token_id, token in enumerate(self.vocab)
        }
        self._unk_id: int = self._token_to_id[UNK_TOKEN]

    @staticmethod
    def _distinct_characters(text: str) -> Iterator[str]:
        """Yield each character of ``text`` once, at its first appearance."""
        seen: set[str] = set()
        for character in text:
            if character not in seen:
                seen.add(character)
                yield character

    def encode(self, text: str) -> list[int]:
        """Convert a string into token ids.

        Args:
            text: Any string. Characters outside the vocabulary become ``<unk>``.

        Returns:
            One id per character.
        """
        return [self._token_to_id.get(character, self._unk_id) for character in text]

    def decode(self, ids: Iterable[int]) -> str:
        """Convert token ids back into a string.

        Args:
            ids: The ids, in any kind of iterable.

        Returns:
            The concatenated token strings, reserved tokens included.

        Raises:
            ValueError: If an id lies outside the vocabulary.
        """
        pieces: list[str] = []
        for token_id in ids:
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(f"token id {token_id} is outside 0..{self.vocab_size - 1}")
            pieces.append(self.vocab[token_id])
        return "".join(pieces)

    def __len__(self) -> int:
        """Return the size of the vocabulary."""
        return self.vocab_size

    def __repr__(self) -> str:
        """Return a short description for debugging."""
        return f"{type(self).__name__}(vocab_size={self.vocab_size})"
