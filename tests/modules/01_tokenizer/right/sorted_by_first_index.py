# Comprehensions and the standard library's less usual corners: key=text.index, zip, count, walrus.
from itertools import chain, count

PAD, UNK, EOS = SPECIALS = "<pad>", "<unk>", "<eos>"


def alphabet(text):
    return sorted(set(text), key=text.index)


def complain(bad, n):
    raise ValueError(f"no token has the id {bad}: they run from 0 to {n - 1}")


class CharTokenizer:
    def __init__(self, text):
        self.vocab = list(chain(SPECIALS, alphabet(text)))
        self.id_of = dict(zip(self.vocab, count()))
        self.token_of = {i: t for t, i in self.id_of.items()}
        self.vocab_size = max(self.token_of) + 1

    def encode(self, text):
        known, unk = self.id_of, self.id_of[UNK]
        return [known[c] if c in known else unk for c in text]

    def decode(self, ids):
        n = self.vocab_size
        return "".join(
            t if (t := self.token_of.get(i)) is not None else complain(i, n) for i in ids
        )
