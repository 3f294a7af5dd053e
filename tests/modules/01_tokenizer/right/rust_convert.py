"""CharTokenizer, ported from my `tokenizer.rs`.

`vocab` is the Vec<String>, `_index` the HashMap<char, usize> that leads back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PAD: Final[int] = 0
UNK: Final[int] = 1
EOS: Final[int] = 2
SPECIALS: Final[list[str]] = ["<pad>", "<unk>", "<eos>"]


class CharTokenizer:
    """struct CharTokenizer { vocab, vocab_size, index }"""

    __slots__ = ("vocab", "vocab_size", "_index")

    vocab: list[str]
    vocab_size: int
    _index: dict[str, int]

    def __init__(self, text: str) -> None:
        _expect_str(text)
        vocab: list[str] = SPECIALS.copy()
        index: dict[str, int] = {}
        # for ch in text.chars() { index.entry(ch).or_insert_with(..) }
        for ch in text:
            if ch not in index:
                index[ch] = len(vocab)
                vocab.append(ch)
        self.vocab = vocab
        self.vocab_size = len(vocab)
        self._index = index

    def encode(self, text: str) -> list[int]:
        """fn encode(&self, text: &str) -> Vec<usize>"""
        _expect_str(text)
        # .map(|ch| *index.get(&ch).unwrap_or(&UNK)).collect()
        return [self._index.get(ch, UNK) for ch in text]  # PREDICT: what is here for "hello"?

    def decode(self, ids: Iterable[int]) -> str:
        """fn decode(&self, ids: impl IntoIterator<Item = isize>) -> Result<String, ValueError>"""
        ids = list(ids)
        # First the Err arm ...
        bad = next((i for i in ids if i not in range(self.vocab_size)), None)
        if bad is not None:
            raise ValueError(f"no token has id {bad}, ids are 0..{self.vocab_size}")
        # ... then the Ok arm.
        return "".join(self.vocab[i] for i in ids)

    def __repr__(self) -> str:
        return f"CharTokenizer {{ vocab_size: {self.vocab_size} }}"


def _expect_str(text: object) -> None:
    match text:
        case str():
            return
        case other:
            raise TypeError(f"expected a str, got {type(other).__name__}")
