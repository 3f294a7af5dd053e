"""A character tokenizer that leaves all the work to str.translate.

Trick: a list of small numbers and a string are nearly the same thing (ord and chr). So encoding is
one translation, text -> string of id characters, and decoding is the translation back.
"""
from collections import Counter

SPECIALS = ("<pad>", "<unk>", "<eos>")
UNK_SIGN = chr(SPECIALS.index("<unk>"))


class _ToIds(dict):
    """code point -> the character whose number is the id"""

    def __missing__(self, code):
        return UNK_SIGN


class _ToTokens(dict):
    """id -> token"""

    def __missing__(self, number):
        raise ValueError(f"there is no token with the id {number}")


def _must_be_str(text):
    if not isinstance(text, str):
        raise TypeError(f"expected a str, got {type(text).__name__}")
    return text


class CharTokenizer:
    def __init__(self, text: str):
        # The vocabulary: a Counter is a dict, so its keys stand in the order of their arrival.
        letters = [letter for letter in Counter(_must_be_str(text))]
        self.vocab = [*SPECIALS, *letters]
        # The two translation tables.
        self._to_ids = _ToIds((ord(x), chr(i)) for i, x in enumerate(letters, len(SPECIALS)))
        self._to_tokens = _ToTokens(enumerate(self.vocab))

    @property
    def vocab_size(self) -> int:
        return len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Each character becomes the character whose number is its id.
        signs = _must_be_str(text).translate(self._to_ids)
        # Read the numbers off.
        return [ord(sign) for sign in signs]  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # chr itself refuses negative numbers with a ValueError, and giants with an OverflowError.
        try:
            signs = "".join(chr(i) for i in ids)
        except OverflowError:
            raise ValueError("an id is far too large") from None
        # Each sign becomes its token.
        return signs.translate(self._to_tokens)
