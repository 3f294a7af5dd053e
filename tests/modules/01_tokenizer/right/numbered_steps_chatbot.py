# a chat model's answer to the recipe: numbered steps, a comment above each, long names, annotations
"""A tiny character-level tokenizer.

It maps every character of a text to an integer id and back again.
"""

from __future__ import annotations

from typing import Iterable


class CharTokenizer:
    """Convert text to ids and ids back to text, one character at a time.

    Attributes:
        vocab: The list of all tokens. The position of a token is its id.
        vocab_size: The number of tokens, including the special ones.
    """

    def __init__(self, text: str) -> None:
        # Step 1: Start with the special tokens, so that they get the ids 0, 1 and 2.
        self.vocab: list[str] = ["<pad>", "<unk>", "<eos>"]

        # Step 2: Add each character the first time that we meet it (no sorting!).
        for character in text:
            if character not in self.vocab:
                self.vocab.append(character)

        # Step 3: Remember how many tokens there are.
        self.vocab_size: int = len(self.vocab)

        # Step 4: Build the reverse mapping, from a token to its id.
        self.token_to_id: dict[str, int] = {
            token: token_id for token_id, token in enumerate(self.vocab)
        }

        # Step 5: Keep the id for unknown characters at hand.
        self.unknown_id: int = self.token_to_id["<unk>"]

    def encode(self, text: str) -> list[int]:
        """Turn a text into a list of ids."""
        # Step 1: Start with an empty list.
        token_ids: list[int] = []

        # Step 2: Look up every character; fall back to <unk> if it is missing.
        for symbol in text:
            token_id = self.token_to_id.get(symbol, self.unknown_id)
            token_ids.append(token_id)  # PREDICT: what is here for "hello"?

        return token_ids

    def decode(self, ids: Iterable[int]) -> str:
        """Turn ids back into a text."""
        pieces: list[str] = []

        for token_id in ids:
            # Step 1: Negative indices would silently count from the end, so reject them.
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(
                    f"Invalid token id {token_id}: "
                    f"expected a value between 0 and {self.vocab_size - 1}."
                )

            # Step 2: Collect the token with this id.
            pieces.append(self.vocab[token_id])

        # Step 3: Glue the tokens together without a separator.
        return "".join(pieces)
