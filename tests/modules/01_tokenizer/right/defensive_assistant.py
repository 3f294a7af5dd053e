# A chat model's careful answer, formatted by black: constants, private helpers, long docstrings.
"""Character-level tokenizer for the Mini-GPT project."""

from __future__ import annotations

from typing import Dict, Final, Iterable, List


class CharTokenizer:
    """A simple character-level tokenizer.

    Attributes:
        vocab: The list of all tokens; the position of a token is its ID.
        vocab_size: The total number of tokens, including special tokens.
    """

    PAD_TOKEN: Final[str] = "<pad>"
    UNK_TOKEN: Final[str] = "<unk>"
    EOS_TOKEN: Final[str] = "<eos>"

    def __init__(self, text: str) -> None:
        """Build the vocabulary from the given text."""
        if not isinstance(text, str):
            raise TypeError(f"Expected a string, but got {type(text).__name__}.")

        # Step 1: Start with the special tokens.
        self.vocab: List[str] = [
            self.PAD_TOKEN,
            self.UNK_TOKEN,
            self.EOS_TOKEN,
        ]

        # Step 2: Add every unique character in order of first appearance.
        self.vocab.extend(self._unique_characters(text))

        # Step 3: Create the reverse mapping from tokens to IDs.
        self._token_to_id: Dict[str, int] = {token: index for index, token in enumerate(self.vocab)}

        # Step 4: Cache the ID used for characters outside of the vocabulary.
        self._unk_id: int = self._token_to_id[self.UNK_TOKEN]

    @staticmethod
    def _unique_characters(text: str) -> List[str]:
        """Return the unique characters of the text, keeping their order."""
        seen: Dict[str, bool] = {}
        unique: List[str] = []
        for character in text:
            if seen.get(character, False):
                continue
            seen[character] = True
            unique.append(character)
        return unique

    @property
    def vocab_size(self) -> int:
        """The number of tokens in the vocabulary."""
        return len(self.vocab)

    def encode(self, text: str) -> List[int]:
        """Convert a string into a list of token IDs."""
        token_ids: List[int] = []
        for character in text:
            # PREDICT: what is here for "hello"?
            token_id = self._token_to_id.get(
                character,
                self._unk_id,
            )
            token_ids.append(token_id)
        return token_ids

    def _validate_id(self, token_id: int) -> None:
        """Raise a ValueError if the given ID is not part of the vocabulary."""
        if token_id < 0:
            raise ValueError(f"Token ID must not be negative, got {token_id}.")
        if token_id >= self.vocab_size:
            raise ValueError(
                f"Token ID {token_id} is out of range for a vocabulary of size {self.vocab_size}."
            )

    def decode(self, ids: Iterable[int]) -> str:
        """Convert token IDs back into a string."""
        pieces: List[str] = []
        for token_id in ids:
            self._validate_id(token_id)
            pieces.append(self.vocab[token_id])
        return "".join(pieces)
