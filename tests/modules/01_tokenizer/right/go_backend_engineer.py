"""Package tokenizer maps text to ids and back.

There is no rune type in Python: iterating over a str yields one-character strings.
"""

from __future__ import annotations

from typing import Iterable, Optional

# const ( pad = iota; unk; eos )
PAD_ID, UNK_ID, EOS_ID = range(3)


def special_tokens() -> list[str]:
    """Return a fresh slice on every call, so that nobody can append to a shared one."""
    return ["<pad>", "<unk>", "<eos>"]


class CharTokenizer:
    """CharTokenizer is read-only after the constructor, so it is safe for concurrent use."""

    # struct fields
    vocab: list[str]
    vocab_size: int
    index: dict[str, int]

    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError(f"tokenizer: text must be a str, got {type(text).__name__}")

        self.vocab = special_tokens()
        self.index = {}
        for _, ch in enumerate(text):
            _, ok = self._lookup(ch)
            if ok:
                continue
            self.index[ch] = len(self.vocab)
            self.vocab.append(ch)

        self.vocab_size = len(self.vocab)

    def _lookup(self, ch: str) -> tuple[int, bool]:
        """The comma-ok idiom: id, ok := index[ch]."""
        if ch in self.index:
            return self.index[ch], True
        return 0, False

    def _token(self, id_: int) -> tuple[str, Optional[ValueError]]:
        if id_ < 0 or id_ >= len(self.vocab):
            return "", ValueError(f"tokenizer: no such id: {id_} (vocab_size {self.vocab_size})")
        return self.vocab[id_], None

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError(f"tokenizer: text must be a str, got {type(text).__name__}")

        # ids := make([]int, len(text))
        ids = [UNK_ID] * len(text)
        for i, ch in enumerate(text):
            id_, ok = self._lookup(ch)
            if not ok:
                id_ = UNK_ID
            ids[i] = id_  # PREDICT: what is here for "hello"?
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        # var sb strings.Builder
        builder: list[str] = []
        for _, id_ in enumerate(ids):
            token, err = self._token(id_)
            if err is not None:
                raise err
            builder.append(token)
        return "".join(builder)
