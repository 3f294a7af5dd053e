"""Character-level tokenization.

The public surface of this module is :class:`CharTokenizer`. Everything with a
leading underscore is an implementation detail and may change without notice.
"""

from __future__ import annotations

import enum
import operator
from typing import Hashable, Iterable, Iterator, TypeVar

__all__ = ["CharTokenizer", "Special"]

_H = TypeVar("_H", bound=Hashable)


@enum.unique
class Special(enum.IntEnum):
    """Reserved ids. The value of a member *is* its id; never renumber."""

    PAD = 0
    UNK = 1
    EOS = 2

    @property
    def surface(self) -> str:
        """Textual form of the token, e.g. ``<pad>``."""
        return f"<{self.name.lower()}>"


class _TokenIds(dict):
    """token -> id, total over all strings: absent keys resolve to UNK.

    Unlike ``collections.defaultdict``, a failed lookup does not insert.
    """

    __slots__ = ()

    def __missing__(self, token: str) -> int:
        return int(Special.UNK)


def _unique(items: Iterable[_H]) -> Iterator[_H]:
    """Yield items lazily, dropping every occurrence but the first."""
    seen: set[_H] = set()
    for item in items:
        if item not in seen:
            seen.add(item)
            yield item


class CharTokenizer:
    """Bijection between characters of a corpus and dense integer ids.

    Parameters
    ----------
    text : str
        Corpus. Ids are assigned in order of first occurrence, after the
        reserved ids of :class:`Special`.
    """

    __slots__ = ("vocab", "_ids")

    vocab: list[str]

    def __init__(self, text: str) -> None:
        # Reserved tokens occupy the front, so that a member's value is its id.
        self.vocab = [special.surface for special in Special]
        self.vocab.extend(_unique(text))
        self._ids = _TokenIds(zip(self.vocab, range(self.vocab_size)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(vocab_size={self.vocab_size})"

    def __len__(self) -> int:
        return self.vocab_size

    @property
    def vocab_size(self) -> int:
        """Number of tokens, reserved ones included."""
        return len(self.vocab)

    def encode(self, text: str) -> list[int]:
        """Map each character to its id; out-of-vocabulary maps to UNK."""
        # The C-level lookup honours _TokenIds.__missing__.
        return list(map(self._ids.__getitem__, text))  # PREDICT: what is here for "hello"?

    def decode(self, ids: Iterable[int]) -> str:
        """Concatenate the surface forms of ``ids``.

        Raises
        ------
        ValueError
            If any id lies outside ``range(vocab_size)``.
        """
        # operator.index admits integer scalars of third parties, but no floats.
        wanted = tuple(map(operator.index, ids))
        # Validate up front: all or nothing, and every offender gets reported.
        stray = set(wanted).difference(range(self.vocab_size))
        if stray:
            raise ValueError(f"no such ids: {sorted(stray)} (vocab_size={self.vocab_size})")
        return "".join(map(self.vocab.__getitem__, wanted))
