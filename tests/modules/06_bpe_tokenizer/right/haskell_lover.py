# Style: recursion where Python people loop.
import json
import re
from collections import Counter
from itertools import groupby

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def pairs(xs):
    return list(zip(xs, xs[1:]))


def fuse(x, y, z, xs):
    """fuse x y z (x:y:rest) = z : fuse rest; halves keep the recursion shallow."""
    if len(xs) < 2:
        return xs
    try:
        i = next(i for i, p in enumerate(pairs(xs)) if p == (x, y))
    except StopIteration:
        return xs
    head, rest = xs[:i], xs[i + 2 :]
    return head + [z] + fuse(x, y, z, rest)


def ranked(words):
    every = sorted((p, n) for w, n in words for p in pairs(w))
    totals = [(-sum(n for _, n in group), p) for p, group in groupby(every, key=lambda e: e[0])]
    return sorted(totals)


def learn(words, z, stop):
    while z < stop:
        order = ranked(words)
        if not order:
            return
        (x, y) = order[0][1]
        yield (x, y)
        words = [(fuse(x, y, z, w), n) for w, n in words]
        z += 1


def str_only(t):
    if isinstance(t, str):
        return t
    raise TypeError("Couldn't match expected type 'str'")


def utf8(t):
    return [b + 3 for b in t.encode("utf-8")]


class BPETokenizer:
    def __init__(self, merges=()):
        def build(vocab, rest):
            for a, b in rest:
                vocab = vocab + [vocab[a] + vocab[b]]
            return vocab

        self.merges = list(merges)
        self.vocab = build(
            [b"<pad>", b"<unk>", b"<eos>"] + [bytes([b]) for b in range(256)], self.merges
        )
        self.vocab_size = len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        counted = Counter(PIECES.findall(str_only(text)))
        if vocab_size < 259:
            raise ValueError("vocab_size must be >= 259")
        words = [(utf8(w), n) for w, n in counted.items()]
        return cls(learn(words, 259, vocab_size))

    def encode(self, text):
        def go(xs):
            known = {p: self.merges.index(p) for p in set(pairs(xs)) if p in self.merges}
            if not known:
                return xs
            (x, y), rank = min(known.items(), key=lambda item: item[1])
            return go(fuse(x, y, 259 + rank, xs))

        return [x for w in PIECES.findall(str_only(text)) for x in go(utf8(w))]

    def decode(self, ids):
        def look(i):
            try:
                return [self.vocab[i]][0 if i >= 0 else 1]
            except IndexError:
                raise ValueError(f"no token {i}") from None

        return b"".join([look(i) for i in ids]).decode("utf-8", "replace")

    def save(self, path):
        with open(path, "w", encoding="utf-8") as h:
            h.write(json.dumps({"merges": self.merges}))

    @classmethod
    def load(cls, path):
        with open(path, "r", encoding="utf-8") as h:
            value = json.loads(h.read())

        def check(z, row):
            match row:
                case [int(a), int(b)] if 0 <= a < z and 0 <= b < z:
                    return (a, b)
            raise ValueError(f"not a merge: {row}")

        match value:
            case {"merges": list(rows)}:
                return cls([check(259 + i, row) for i, row in enumerate(rows)])
        raise ValueError("no merges")
