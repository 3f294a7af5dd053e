"""tokenizer.py: a bidirectional map between characters and integer ids.

Ids 0, 1 and 2 are reserved. Everything from FIRST_CHAR_ID on is payload.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

PAD_ID: Final[int] = 0
UNK_ID: Final[int] = 1
EOS_ID: Final[int] = 2

RESERVED: Final[list[str]] = ["<pad>", "<unk>", "<eos>"]


class CharTokenizer:
    """Owns the table id -> token (vocab) and the reverse index token -> id."""

    # "Private members": declared here, filled in the constructor.
    vocab: list[str]
    vocab_size: int
    _index: defaultdict[str, int]

    def __init__(self, text: str) -> None:
        # Precondition: a real string.
        if not isinstance(text, str):
            raise TypeError(f"text must be a string, got {type(text).__name__}")
        # The table begins with the reserved tokens; every object owns its own table.
        self.vocab = list(RESERVED)
        self._index = defaultdict(int)
        # One pass over the characters, push_back whatever is new.
        for i in range(len(text)):
            ch = text[i]
            if ch not in self._index:
                self._index[ch] = len(self.vocab)
                self.vocab.append(ch)
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        """std::vector<int> encode(std::string_view text) const"""
        if not isinstance(text, str):
            raise TypeError(f"text must be a string, got {type(text).__name__}")
        # Allocate once, then write in place.
        out = [PAD_ID] * len(text)
        for i, ch in enumerate(text):
            # PREDICT: what is here for "hello"?
            out[i] = self._index.get(ch, UNK_ID)
        return out

    def decode(self, ids: Iterable[int]) -> str:
        """std::string decode(Range&& ids) const; throws ValueError."""
        pieces: list[str] = []
        for token_id in ids:
            # Bounds check: [0, vocab_size)
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id out of range [0, {self.vocab_size}): {token_id}")
            pieces.append(self.vocab[token_id])
        return "".join(pieces)
