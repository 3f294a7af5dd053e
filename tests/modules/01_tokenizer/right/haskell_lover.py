# A Haskell lover: folds, partial application, a class that only holds what the folds made.
from functools import partial, reduce
from itertools import chain
from operator import contains

SPECIALS = ("<pad>", "<unk>", "<eos>")
UNKNOWN = 1


def snoc_new(seen, char):
    return seen if contains(seen, char) else seen + (char,)


def nub(text):
    return reduce(snoc_new, text, ())


def invert(tokens):
    return dict(map(reversed, enumerate(tokens)))


def from_maybe(default, table, key):
    return table[key] if key in table else default


def throw(number):
    raise ValueError(f"no token has the id {number}")


def token_at(tokens, number):
    return tokens[number] if 0 <= number < len(tokens) else throw(number)


class CharTokenizer:
    def __init__(self, text):
        chars = nub(text)
        self.vocab = list(chain(SPECIALS, chars))
        self.vocab_size = len(self.vocab)
        ids = {c: n + len(SPECIALS) for c, n in invert(chars).items()}
        self._id = partial(from_maybe, UNKNOWN, ids)
        self._token = partial(token_at, self.vocab)

    def encode(self, text):
        return list(map(self._id, text))

    def decode(self, ids):
        return "".join(map(self._token, ids))
