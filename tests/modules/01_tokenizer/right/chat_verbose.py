"""A beginner-friendly character-level tokenizer.

The tokenizer works in three stages:

1. Vocabulary: three special tokens, followed by every distinct character.
2. Encode: each character is replaced by its integer id.
3. Decode: each integer id is replaced by its token.
"""

from __future__ import annotations

from typing import Dict, Iterable, List

# The special tokens always occupy the first ids.
PAD_TOKEN = "<pad>"
UNK_TOKEN = "<unk>"
EOS_TOKEN = "<eos>"
SPECIAL_TOKENS: List[str] = [PAD_TOKEN, UNK_TOKEN, EOS_TOKEN]


class CharTokenizer:
    """Maps characters to integer ids and back again."""

    def __init__(self, text: str):
        # Step 0: validate the input.
        self._require_string(text)

        # Step 1: collect the distinct characters in order of first appearance.
        characters = self._collect_characters(text)

        # Step 2: the vocabulary is the special tokens plus those characters.
        self.vocab: List[str] = SPECIAL_TOKENS + characters
        self.vocab_size: int = len(self.vocab)

        # Step 3: build the reverse mapping for fast lookups.
        self._char_to_id: Dict[str, int] = self._build_lookup(characters)
        self._unk_id: int = self.vocab.index(UNK_TOKEN)

    # ------------------------------------------------------------------
    # Public interface
    # ------------------------------------------------------------------

    def encode(self, text: str) -> List[int]:
        """Return one id for every character of the text."""
        self._require_string(text)
        ids: List[int] = []
        # Look at the characters one at a time.
        for character in text:
            token_id = self._lookup(character)  # PREDICT: what is here for "hello"?
            ids.append(token_id)
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text that belongs to the ids."""
        pieces: List[str] = []
        for token_id in ids:
            # Refuse ids that are not in the vocabulary.
            if not self._is_valid_id(token_id):
                raise ValueError(
                    f"Unknown id {token_id}: valid ids are 0 to {self.vocab_size - 1}."
                )
            pieces.append(self.vocab[token_id])
        return "".join(pieces)

    # ------------------------------------------------------------------
    # Private helpers
    # ------------------------------------------------------------------

    @staticmethod
    def _require_string(text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"Expected a string, got {type(text).__name__}.")

    @staticmethod
    def _collect_characters(text: str) -> List[str]:
        seen = set()
        characters: List[str] = []
        for character in text:
            if character not in seen:
                seen.add(character)
                characters.append(character)
        return characters

    @staticmethod
    def _build_lookup(characters: List[str]) -> Dict[str, int]:
        # The ids of the characters come after those of the special tokens.
        first_id = len(SPECIAL_TOKENS)
        return {
            character: token_id
            for token_id, character in enumerate(characters, start=first_id)
        }

    def _lookup(self, character: str) -> int:
        return self._char_to_id.get(character, self._unk_id)

    def _is_valid_id(self, token_id: int) -> bool:
        return 0 <= token_id < self.vocab_size
