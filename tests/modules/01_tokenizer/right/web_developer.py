"""CharTokenizer: maps characters to numeric ids and back."""

from __future__ import annotations

from collections.abc import Iterable

SPECIAL_TOKENS = ["<pad>", "<unk>", "<eos>"]
UNK_ID = 1
OFFSET = len(SPECIAL_TOKENS)


class CharTokenizer:
    # public readonly vocab: string[]
    vocab: list[str]
    # public readonly vocab_size: number
    vocab_size: int

    def __init__(self, text: str) -> None:
        # typeof text === "string"
        if not isinstance(text, str):
            raise TypeError(f"Expected text to be a string, but received {type(text).__name__}")

        # const vocab = [...SPECIAL_TOKENS]
        self.vocab = [*SPECIAL_TOKENS]
        # All unique chars as one string, for indexOf lookups (Python: find).
        self._chars = "".join({ch: True for ch in text}.keys())
        for ch in self._chars:
            self.vocab.append(ch)
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError(f"Expected text to be a string, but received {type(text).__name__}")

        def toId(ch: str) -> int:
            # find is like indexOf: the index, or -1 if there is none
            index = self._chars.find(ch)
            return index + OFFSET if index >= 0 else UNK_ID

        # return Array.from(text).map(toId)
        return list(map(toId, text))  # PREDICT: what is here for "hello"?

    def decode(self, ids: Iterable[int]) -> str:
        # const tokenIds = [...ids]
        tokenIds = [*ids]

        # Validate first: negative or too large ids are rejected.
        invalidIds = [tokenId for tokenId in tokenIds if not self._isValidId(tokenId)]
        if len(invalidIds) > 0:
            raise ValueError(f"Unknown token id(s): {invalidIds} (vocab_size is {self.vocab_size})")

        # return tokenIds.map(tokenId => this.vocab[tokenId]).join("")
        return "".join(map(lambda tokenId: self.vocab[tokenId], tokenIds))

    def _isValidId(self, tokenId: int) -> bool:
        return tokenId >= 0 and tokenId < self.vocab_size
