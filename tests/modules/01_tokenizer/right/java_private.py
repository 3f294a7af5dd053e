"""CharTokenizer: maps characters to integer ids and vice versa."""

from typing import Iterable


class CharTokenizer:
    """A tokenizer that works on single characters.

    Public API:  vocab, vocab_size, encode(text), decode(ids)
    """

    # Constants
    PAD_ID: int = 0
    UNK_ID: int = 1
    EOS_ID: int = 2
    PAD_TOKEN: str = "<pad>"
    UNK_TOKEN: str = "<unk>"
    EOS_TOKEN: str = "<eos>"

    # Fields
    vocab: list[str]
    _index: dict[str, int]
    _buffer: list[int]

    # Constructor: the vocabulary
    def __init__(self, text: str):
        self._requireString(text)
        self.vocab = [self.PAD_TOKEN, self.UNK_TOKEN, self.EOS_TOKEN]
        self._index = {}
        self._buffer = []
        for ch in text:
            if not self._contains(ch):
                self._register(ch)

    # The size always follows the list
    @property
    def vocab_size(self) -> int:
        return len(self.vocab)

    # Text -> ids
    def encode(self, text: str) -> list[int]:
        self._requireString(text)
        # Begin with an empty buffer
        self._buffer.clear()
        # Put in the id of one character after the other
        for ch in text:
            self._buffer.append(self._idOf(ch))  # PREDICT: what is here for "hello"?
        # Hand out a copy, the buffer stays private
        return list(self._buffer)

    # Ids -> text
    def decode(self, ids: Iterable[int]) -> str:
        builder: list[str] = []
        for tokenId in ids:
            self._requireValidId(tokenId)
            builder.append(self.vocab[tokenId])
        return "".join(builder)

    # ---- private helpers ----

    def _contains(self, ch: str) -> bool:
        return ch in self._index

    def _register(self, ch: str) -> None:
        self._index[ch] = len(self.vocab)
        self.vocab.append(ch)

    def _idOf(self, ch: str) -> int:
        if self._contains(ch):
            return self._index[ch]
        return self.UNK_ID

    def _requireValidId(self, tokenId: int) -> None:
        if tokenId < 0 or tokenId >= self.vocab_size:
            raise ValueError(f"Invalid token id: {tokenId} (vocab_size={self.vocab_size})")

    @staticmethod
    def _requireString(text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"Expected str, got {type(text).__name__}")
