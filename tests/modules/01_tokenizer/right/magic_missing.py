"""Character tokenizer: two lookup tables that know what to do about a missing key."""

from collections.abc import Iterable, Mapping
from itertools import chain, count

SPECIALS = ("<pad>", "<unk>", "<eos>")


class _ToId(dict):
    """token -> id; whatever is missing is <unk>."""

    __slots__ = ()

    def __missing__(self, char: str) -> int:
        return self["<unk>"]


class _ToToken(dict):
    """id -> token; whatever is missing is refused."""

    __slots__ = ()

    def __missing__(self, key: int) -> str:
        raise ValueError(f"no token has the id {key!r}")


class CharTokenizer:
    __slots__ = ("_to_id", "_to_token")

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        # dict.fromkeys keeps the first of each and the order
        tokens = dict.fromkeys(chain(SPECIALS, text))
        self._to_id: Mapping[str, int] = _ToId(zip(tokens, count()))
        self._to_token: Mapping[int, str] = _ToToken(enumerate(tokens))

    @property
    def vocab(self) -> list[str]:
        return [*self._to_token.values()]

    @property
    def vocab_size(self) -> int:
        return len(self._to_token)

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        return [*map(self._to_id.__getitem__, text)]  # PREDICT: what is here for "hello"?

    def decode(self, ids: Iterable[int]) -> str:
        return "".join(map(self._to_token.__getitem__, ids))

    def __len__(self) -> int:
        return self.vocab_size

    def __repr__(self) -> str:
        return f"{type(self).__name__}(vocab_size={self.vocab_size})"
