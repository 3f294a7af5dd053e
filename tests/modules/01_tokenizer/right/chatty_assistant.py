"""
tokenizer.py - A beginner-friendly, character-level tokenizer
=============================================================

Great question! Before we dive into the code, here is the big picture:

* **Vocabulary** - we walk through the text once and remember every new character.
* **Encode**     - we replace each character with its number (its "id").
* **Decode**     - we replace each id with its token and glue everything together.

Key design decisions:

1. No third-party dependencies. Everything below is plain Python.
2. Instances are fully independent of each other (no shared mutable state!).
3. Invalid ids fail loudly, with a helpful and descriptive error message.
"""

from __future__ import annotations

from typing import Dict, Final, Iterable, List, Set

__all__ = ["CharTokenizer", "UnknownTokenIdError"]

# --------------------------------------------------------------------------- #
# Constants
# --------------------------------------------------------------------------- #

PAD_TOKEN: Final[str] = "<pad>"
UNK_TOKEN: Final[str] = "<unk>"
EOS_TOKEN: Final[str] = "<eos>"

# The order matters: the position in this list IS the id of the token.
SPECIAL_TOKENS: Final[List[str]] = [PAD_TOKEN, UNK_TOKEN, EOS_TOKEN]


# --------------------------------------------------------------------------- #
# Errors
# --------------------------------------------------------------------------- #

class UnknownTokenIdError(ValueError):
    """Raised when somebody asks for an id that the vocabulary does not contain."""

    def __init__(self, token_id: int, vocab_size: int) -> None:
        super().__init__(
            f"Token id {token_id!r} does not exist. "
            f"Valid ids range from 0 to {vocab_size - 1} (inclusive)."
        )
        self.token_id = token_id


# --------------------------------------------------------------------------- #
# The tokenizer itself
# --------------------------------------------------------------------------- #

class CharTokenizer:
    """Convert text to a list of integer ids, and convert such ids back to text.

    Attributes:
        vocab: Maps an id (the list index) to its token.
        vocab_size: The total number of tokens, including the special ones.
    """

    def __init__(self, text: str) -> None:
        # Step 1: Start with the special tokens. We make a copy here, so that
        #         the module-level constant stays untouched.
        self.vocab: List[str] = list(SPECIAL_TOKENS)

        # Step 2: Add every distinct character, in order of first appearance.
        self.vocab.extend(self._unique_characters(text))

        # Step 3: Store the size for convenience.
        self.vocab_size: int = len(self.vocab)

        # Step 4: Build the reverse mapping (token -> id) for fast O(1) lookups.
        self._token_to_id: Dict[str, int] = {
            token: token_id for token_id, token in enumerate(self.vocab)
        }

    # ----------------------------- public API ------------------------------ #

    def encode(self, text: str) -> List[int]:
        """Return one id per character. Unknown characters map to ``<unk>``."""
        # Step 1: Look up the fallback id once, outside of the loop.
        unk_id = self._token_to_id[UNK_TOKEN]

        # Step 2: Translate the characters one by one.
        token_ids: List[int] = []
        for character in text:
            token_id = self._token_to_id.get(character, unk_id)
            token_ids.append(token_id)  # PREDICT: what is here for "hello"?
        return token_ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text that belongs to ``ids``."""
        # Step 1: Materialize the iterable, because we go through it twice.
        token_ids = list(ids)

        # Step 2: Validate everything up front (fail fast!).
        for token_id in token_ids:
            if not self._is_valid_id(token_id):
                raise UnknownTokenIdError(token_id, self.vocab_size)

        # Step 3: Look up the tokens and join them without a separator.
        return "".join(self.vocab[token_id] for token_id in token_ids)

    # --------------------------- private helpers --------------------------- #

    @staticmethod
    def _unique_characters(text: str) -> List[str]:
        """Return the distinct characters of ``text``, first come, first served."""
        seen: Set[str] = set()
        characters: List[str] = []
        for character in text:
            if character not in seen:
                seen.add(character)
                characters.append(character)
        return characters

    def _is_valid_id(self, token_id: int) -> bool:
        """Return True if ``token_id`` is a valid index (negative ids are not!)."""
        return 0 <= token_id < self.vocab_size
