"""A functional core of small pure functions; the class only keeps what they return."""

from functools import partial, reduce
from itertools import chain

SPECIALS = ("<pad>", "<unk>", "<eos>")


def with_char(known, char):
    return known if char in known else known + (char,)


def distinct(text):
    return reduce(with_char, text, ())


def numbered(names):
    return dict(zip(names, range(len(names))))


def to_ids(numbers, text):
    return list(map(lambda char: numbers.get(char, 1), text))


def name_of(names, number):
    if number not in range(len(names)):
        raise ValueError(f"there is no token {number}")
    return names[number]


def to_text(names, ids):
    return "".join(map(partial(name_of, names), ids))


class CharTokenizer:
    def __init__(self, text):
        self.vocab = list(chain(SPECIALS, distinct(text)))
        self.vocab_size = len(self.vocab)

    def encode(self, text):
        return to_ids(numbered(self.vocab), text)

    def decode(self, ids):
        return to_text(self.vocab, ids)
