"""tokenizer.py - a character-level tokenizer for a small GPT.

The tokenizer builds a vocabulary from a training text and converts between
strings and lists of integer ids. It depends on nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable

# The special tokens always occupy the first three ids, in this order.
PAD_TOKEN = "<pad>"
UNK_TOKEN = "<unk>"
EOS_TOKEN = "<eos>"
SPECIAL_TOKENS = (PAD_TOKEN, UNK_TOKEN, EOS_TOKEN)
UNK_ID = SPECIAL_TOKENS.index(UNK_TOKEN)


class CharTokenizer:
    """Convert text to ids and back, one character at a time.

    Attributes:
        vocab: The list of all tokens. The position of a token is its id.
        vocab_size: The number of tokens in the vocabulary.
    """

    def __init__(self, text: str) -> None:
        """Build the vocabulary from a text.

        Args:
            text: The text whose characters the tokenizer should know. May be empty.

        Raises:
            TypeError: If ``text`` is not a string.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, got {type(text).__name__}")

        # Step 1: Start with the special tokens.
        self.vocab: list[str] = list(SPECIAL_TOKENS)

        # Step 2: Add every new character in the order of its first appearance.
        seen: set[str] = set()
        for character in text:
            if character not in seen:
                seen.add(character)
                self.vocab.append(character)

        # Step 3: Remember the size, and prepare the way back from token to id.
        self.vocab_size: int = len(self.vocab)
        self._token_to_id: dict[str, int] = {
            token: token_id for token_id, token in enumerate(self.vocab)
        }

    def encode(self, text: str) -> list[int]:
        """Convert a text to a list of ids.

        Args:
            text: The text to convert.

        Returns:
            One id per character. Unknown characters receive the id of ``<unk>``.

        Raises:
            TypeError: If ``text`` is not a string.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, got {type(text).__name__}")

        # Look up each character, and fall back to <unk> if it is not there.
        ids: list[int] = []
        for character in text:
            token_id = self._token_to_id.get(character, UNK_ID)
            ids.append(token_id)  # PREDICT: what is here for "hello"?
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Convert ids back to a text.

        Args:
            ids: Any iterable of integers from 0 to ``vocab_size - 1``.

        Returns:
            The tokens joined without a separator. Special tokens appear by name.

        Raises:
            ValueError: If an id does not exist.
        """
        tokens: list[str] = []
        for token_id in ids:
            # Refuse ids that do not exist. Negative ids would count from the end.
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(f"id {token_id} is not between 0 and {self.vocab_size - 1}")
            # Collect the token that belongs to this id.
            tokens.append(self.vocab[token_id])
        return "".join(tokens)
