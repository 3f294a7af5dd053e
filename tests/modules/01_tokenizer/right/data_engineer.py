"""Character vocabulary as a small dimension table with surrogate keys.

Extract rows from the text, deduplicate them, load them into vocab, build an index for lookups.
"""

from bisect import bisect_left
from itertools import groupby
from operator import attrgetter
from typing import Iterable, Iterator, NamedTuple

RESERVED_TOKENS = ("<pad>", "<unk>", "<eos>")
UNKNOWN_KEY = 1


class Row(NamedTuple):
    position: int
    token: str


def extract_rows(source: str) -> Iterator[Row]:
    """One row for each character of the source."""
    if not isinstance(source, str):
        raise TypeError(f"expected a str, got {type(source).__name__}")
    for position, token in enumerate(source):
        yield Row(position, token)


def deduplicate(rows: Iterable[Row]) -> list[Row]:
    """Keep the earliest row of each token (ROW_NUMBER() OVER (PARTITION BY token ...) = 1)."""
    partitioned = sorted(rows, key=attrgetter("token", "position"))
    earliest = [next(group) for _, group in groupby(partitioned, key=attrgetter("token"))]
    return sorted(earliest, key=attrgetter("position"))


class CharTokenizer:
    def __init__(self, text: str):
        # Load: the reserved members first, then the deduplicated rows in order of arrival.
        dimension = deduplicate(extract_rows(text))
        self.vocab: list[str] = [*RESERVED_TOKENS, *(row.token for row in dimension)]
        self.vocab_size: int = len(self.vocab)

        # Index: the characters in sorted order, each with its key, for a binary search.
        first_key = len(RESERVED_TOKENS)
        index = sorted((row.token, key) for key, row in enumerate(dimension, start=first_key))
        self._index_tokens = [token for token, _ in index]
        self._index_keys = [key for _, key in index]

    def _lookup(self, token: str) -> int:
        slot = bisect_left(self._index_tokens, token)
        if slot < len(self._index_tokens) and self._index_tokens[slot] == token:
            return self._index_keys[slot]
        return UNKNOWN_KEY

    def encode(self, text: str) -> list[int]:
        # Left join of the characters with the dimension. No match: the unknown member.
        return [self._lookup(row.token) for row in extract_rows(text)]  # PREDICT: what is here for "hello"?

    def decode(self, ids: Iterable[int]) -> str:
        # Validate the whole batch before anything is written.
        batch = list(ids)
        orphans = [key for key in batch if not 0 <= key < len(self.vocab)]
        if orphans:
            raise ValueError(f"keys without a row in the vocabulary: {orphans[:5]}")
        return "".join(self.vocab[key] for key in batch)
