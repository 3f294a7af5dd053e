"""A character tokenizer out of small pure functions."""

import operator
from functools import partial
from itertools import chain

SPECIALS = ("<pad>", "<unk>", "<eos>")
UNK = SPECIALS.index("<unk>")
FIRST = len(SPECIALS)


# text -> its different characters, in the order of their first appearance
def distinct(text):
    return dict.fromkeys(text)


# anything -> the same thing, if it is a string
def as_text(value):
    if isinstance(value, str):
        return value
    raise TypeError("expected a str, not " + type(value).__name__)


# (table, character) -> id
def lookup(table, character):
    return table.get(character, UNK)


# (size, id) -> does this id exist?
def exists(size, i):
    return 0 <= i < size


class CharTokenizer:
    def __init__(self, text: str):
        # the vocabulary: specials first, then the characters
        self.vocab = list(chain(SPECIALS, distinct(as_text(text))))
        self.vocab_size = len(self.vocab)
        # the way back: character -> id
        self._table = dict(zip(self.vocab[FIRST:], range(FIRST, self.vocab_size)))

    def encode(self, text: str) -> list[int]:
        # one lookup for each character
        find = partial(lookup, self._table)
        return list(map(find, as_text(text)))  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # an iterator can be read only once, so keep what it gives
        ids = tuple(ids)
        # every id must exist
        if not all(map(partial(exists, self.vocab_size), ids)):
            raise ValueError("no such id")
        # id -> token, and all tokens in one string
        return "".join(map(partial(operator.getitem, self.vocab), ids))
