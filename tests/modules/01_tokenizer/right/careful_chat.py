"""A character-level tokenizer for a small GPT.

Every distinct character of a training text gets its own integer id. The first
three ids are reserved for special tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# The special tokens come first, so their ids are 0, 1 and 2.
SPECIAL_TOKENS: Final[tuple[str, ...]] = ("<pad>", "<unk>", "<eos>")
UNK_ID: Final[int] = 1


class CharTokenizer:
    """Convert text to a list of ids and back again, one id per character.

    Attributes:
        vocab: The token for every id, so ``vocab[id]`` is the token.
        vocab_size: The number of tokens in ``vocab``.
    """

    vocab: list[str]
    vocab_size: int

    def __init__(self, text: str) -> None:
        """Build the vocabulary from a text.

        Args:
            text: The text whose characters should be known. It may be empty.

        Raises:
            TypeError: If ``text`` is not a string.
        """
        # Step 1: make sure that we really got a text.
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")

        # Step 2: special tokens first, then every new character in order of appearance.
        # A dict keeps the order of insertion and stores each key only once.
        self.vocab = [*SPECIAL_TOKENS, *dict.fromkeys(text)]
        self.vocab_size = len(self.vocab)

        # Step 3: the reverse table, from token to id.
        self._token_to_id: dict[str, int] = {
            token: token_id for token_id, token in enumerate(self.vocab)
        }

    def encode(self, text: str) -> list[int]:
        """Convert a text to ids.

        Args:
            text: Any text. Unknown characters are mapped to ``<unk>``.

        Returns:
            One id for each character.

        Raises:
            TypeError: If ``text`` is not a string.
        """
        # Step 1: make sure that we really got a text.
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")

        # Step 2: look up every character; an unknown one becomes UNK_ID.
        ids = [self._token_to_id.get(character, UNK_ID) for character in text]  # PREDICT: what is here for "hello"?
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Convert ids back to a text.

        Args:
            ids: Any iterable of ints between 0 and ``vocab_size - 1``.

        Returns:
            The tokens, joined without a separator. Special tokens appear by name.

        Raises:
            ValueError: If an id does not exist.
        """
        # Step 1: an iterable can be a generator, which can be read only once.
        id_list = list(ids)

        # Step 2: validate all ids before anything is looked up.
        for token_id in id_list:
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(
                    f"id {token_id} does not exist (valid ids: 0 to {self.vocab_size - 1})"
                )

        # Step 3: look up each token and join them.
        return "".join(self.vocab[token_id] for token_id in id_list)
