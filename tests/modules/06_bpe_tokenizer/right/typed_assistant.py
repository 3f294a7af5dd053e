# Style: a chat assistant with dataclasses, type hints and a long docstring for everything.
"""A byte-level Byte Pair Encoding (BPE) tokenizer implemented from scratch."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Iterable, Union

PIECES: Final[re.Pattern[str]] = re.compile(
    r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+"
)
SPECIAL_TOKENS: Final[tuple[bytes, ...]] = (b"<pad>", b"<unk>", b"<eos>")
BYTE_OFFSET: Final[int] = len(SPECIAL_TOKENS)
NUM_BASE_TOKENS: Final[int] = BYTE_OFFSET + 256

Pair = tuple[int, int]
PathLike = Union[str, Path]


@dataclass
class _Corpus:
    """Holds the unique words together with incrementally maintained pair counts."""

    words: list[list[int]] = field(default_factory=list)
    frequencies: list[int] = field(default_factory=list)
    pair_counts: Counter[Pair] = field(default_factory=Counter)
    pair_to_words: dict[Pair, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def from_text(cls, text: str) -> _Corpus:
        """Build the corpus from raw text."""
        corpus = cls()
        for word, frequency in Counter(PIECES.findall(text)).items():
            corpus.words.append([b + BYTE_OFFSET for b in word.encode("utf-8")])
            corpus.frequencies.append(frequency)
            corpus._register(len(corpus.words) - 1)
        return corpus

    def _register(self, index: int) -> None:
        word = self.words[index]
        for pair in zip(word[:-1], word[1:]):
            self.pair_counts[pair] += self.frequencies[index]
            self.pair_to_words[pair].add(index)

    def _unregister(self, index: int) -> None:
        word = self.words[index]
        for pair in zip(word[:-1], word[1:]):
            self.pair_counts[pair] -= self.frequencies[index]
            if self.pair_counts[pair] <= 0:
                del self.pair_counts[pair]
            self.pair_to_words[pair].discard(index)

    def best_pair(self) -> Pair | None:
        """Return the most frequent pair; ties go to the numerically smallest pair."""
        if not self.pair_counts:
            return None
        return min(self.pair_counts, key=lambda pair: (-self.pair_counts[pair], pair))

    def apply(self, pair: Pair, new_id: int) -> None:
        """Replace every occurrence of ``pair`` by ``new_id``."""
        for index in list(self.pair_to_words[pair]):
            self._unregister(index)
            self.words[index] = _replace(self.words[index], pair, new_id)
            self._register(index)


def _replace(word: list[int], pair: Pair, new_id: int) -> list[int]:
    """Replace non-overlapping occurrences of ``pair`` from left to right."""
    result: list[int] = []
    position = 0
    while position < len(word):
        if position < len(word) - 1 and (word[position], word[position + 1]) == pair:
            result.append(new_id)
            position += 2
        else:
            result.append(word[position])
            position += 1
    return result


class BPETokenizer:
    """Byte-level BPE tokenizer.

    Attributes:
        merges: Learned merges in order.
        vocab: Maps a token id to its bytes.
        vocab_size: The number of tokens.
    """

    def __init__(self, merges: Iterable[Pair] = ()) -> None:
        self.merges: list[Pair] = list(merges)
        self.vocab: list[bytes] = list(SPECIAL_TOKENS)
        self.vocab += [bytes([value]) for value in range(256)]
        self._ranks: dict[Pair, int] = {}
        for rank, (left, right) in enumerate(self.merges):
            self.vocab.append(self.vocab[left] + self.vocab[right])
            self._ranks[(left, right)] = rank
        self.vocab_size: int = len(self.vocab)

    @classmethod
    def train(cls, text: str, vocab_size: int) -> BPETokenizer:
        """Learn merges from ``text`` until ``vocab_size`` tokens exist."""
        if not isinstance(text, str):
            raise TypeError(f"text must be str, not {type(text).__name__}")
        if vocab_size < NUM_BASE_TOKENS:
            raise ValueError(f"vocab_size must be >= {NUM_BASE_TOKENS}, got {vocab_size}")
        corpus = _Corpus.from_text(text)
        merges: list[Pair] = []
        for new_id in range(NUM_BASE_TOKENS, vocab_size):
            pair = corpus.best_pair()
            if pair is None:
                break
            corpus.apply(pair, new_id)
            merges.append(pair)
        return cls(merges)

    def _encode_word(self, word: str) -> list[int]:
        """Encode a single pre-tokenized word."""
        tokens = [b + BYTE_OFFSET for b in word.encode("utf-8")]
        while len(tokens) > 1:
            candidates = {
                pair: self._ranks[pair] for pair in zip(tokens, tokens[1:]) if pair in self._ranks
            }
            if not candidates:
                break
            best = min(candidates, key=candidates.__getitem__)
            tokens = _replace(tokens, best, NUM_BASE_TOKENS + candidates[best])
        return tokens

    def encode(self, text: str) -> list[int]:
        """Convert ``text`` into a list of token ids."""
        if not isinstance(text, str):
            raise TypeError(f"text must be str, not {type(text).__name__}")
        return [token for word in PIECES.findall(text) for token in self._encode_word(word)]

    def decode(self, ids: Iterable[int]) -> str:
        """Convert token ids back into text."""
        chunks: list[bytes] = []
        for token_id in ids:
            index = int(token_id)
            if not 0 <= index < self.vocab_size:
                raise ValueError(f"Token id {index} is out of range [0, {self.vocab_size})")
            chunks.append(self.vocab[index])
        return b"".join(chunks).decode("utf-8", errors="replace")

    def save(self, path: PathLike) -> None:
        """Write the merges to a JSON file."""
        payload = {"merges": [[left, right] for left, right in self.merges]}
        Path(path).write_text(json.dumps(payload), encoding="utf-8")

    @classmethod
    def load(cls, path: PathLike) -> BPETokenizer:
        """Read a tokenizer written by :meth:`save`."""
        raw = Path(path).read_bytes()
        try:
            payload = json.loads(raw.decode("utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path} is not valid JSON") from error
        if not isinstance(payload, dict) or not isinstance(payload.get("merges"), list):
            raise ValueError(f"{path} does not contain a list of merges")
        merges: list[Pair] = []
        for entry in payload["merges"]:
            known = NUM_BASE_TOKENS + len(merges)
            if not isinstance(entry, list) or len(entry) != 2:
                raise ValueError(f"Invalid merge entry: {entry!r}")
            for token_id in entry:
                if not isinstance(token_id, int) or isinstance(token_id, bool):
                    raise ValueError(f"Invalid merge entry: {entry!r}")
                if token_id < 0 or token_id >= known:
                    raise ValueError(f"Merge {entry!r} refers to an unknown token")
            merges.append((entry[0], entry[1]))
        return cls(merges)
