# style: the answer of a chat model, formatted by black: constants, docstrings, try/except, multi-line calls
"""Character-level tokenizer.

This module provides :class:`CharTokenizer`, a minimal and dependency-free
character-level tokenizer suitable for educational language models.
"""

from __future__ import annotations

from typing import Final, Iterable

PAD_TOKEN: Final[str] = "<pad>"
UNK_TOKEN: Final[str] = "<unk>"
EOS_TOKEN: Final[str] = "<eos>"

UNK_ID: Final[int] = 1


class CharTokenizer:
    """Map characters to integer ids and back again.

    Attributes:
        vocab: The list of all tokens; the index of a token is its id.
        vocab_size: The number of tokens in the vocabulary.
    """

    def __init__(
        self,
        text: str,
    ) -> None:
        """Build the vocabulary from ``text``."""
        # Step 1: Start with the special tokens.
        self.vocab: list[str] = [
            PAD_TOKEN,
            UNK_TOKEN,
            EOS_TOKEN,
        ]

        # Step 2: Add every unique character, preserving first-seen order.
        seen: set[str] = set()
        for character in text:
            if character in seen:
                continue
            seen.add(character)
            self.vocab.append(character)

        # Step 3: Create the reverse lookup table.
        self._token_to_id: dict[str, int] = dict(
            zip(
                self.vocab,
                range(len(self.vocab)),
            )
        )
        self.vocab_size: int = len(self.vocab)

    def encode(
        self,
        text: str,
    ) -> list[int]:
        """Convert ``text`` into a list of token ids."""
        token_ids: list[int] = []
        for character in text:
            try:
                token_id = self._token_to_id[character]
            except KeyError:
                # Unknown characters are mapped to <unk>.
                token_id = UNK_ID
            token_ids.append(token_id)
        return token_ids

    def decode(
        self,
        ids: Iterable[int],
    ) -> str:
        """Convert token ids back into text.

        Raises:
            ValueError: If an id is not part of the vocabulary.
        """
        pieces: list[str] = []
        for token_id in ids:
            if token_id < 0:
                raise ValueError(
                    f"Token id must be non-negative, got {token_id}",
                )
            try:
                piece = self.vocab[token_id]
            except IndexError as error:
                raise ValueError(
                    f"Token id {token_id} is out of range "
                    f"for a vocabulary of size {self.vocab_size}",
                ) from error
            pieces.append(piece)
        return "".join(pieces)
