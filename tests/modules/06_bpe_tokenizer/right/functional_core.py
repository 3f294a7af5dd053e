# Style: functional. Tuples, reduce, small pure functions; the class is a thin shell.
import json
import re
from collections import Counter
from functools import reduce
from itertools import chain, islice, takewhile, tee

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
SPECIALS = (b"<pad>", b"<unk>", b"<eos>")
FIRST = 259


def pairs(word):
    a, b = tee(word)
    return zip(a, islice(b, 1, None))


def glue(pair, new_id):
    def step(done, symbol):
        if done and done[-1] == pair[0] and symbol == pair[1]:
            return done[:-1] + (new_id,)
        return done + (symbol,)

    return lambda word: reduce(step, word, ())


def words_of(text):
    if not isinstance(text, str):
        raise TypeError(f"expected str, got {type(text)!r}")
    return map(lambda piece: tuple(3 + b for b in piece.encode("utf-8")), PIECES.findall(text))


def tally(bag):
    def add(counter, item):
        word, times = item
        for pair in pairs(word):
            counter[pair] += times
        return counter

    return reduce(add, bag.items(), Counter())


def winner(counter):
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))[0][0]


def states(bag):
    """Yield merges for ever, None when there are no more."""
    new_id = FIRST
    while True:
        counter = tally(bag)
        if not counter:
            yield None
            return
        pair = winner(counter)
        yield pair
        fuse = glue(pair, new_id)
        fresh = Counter()
        for word, times in bag.items():
            fresh[fuse(word)] += times
        bag, new_id = fresh, new_id + 1


def expand(vocab, pair):
    return vocab + [vocab[pair[0]] + vocab[pair[1]]]


def is_pair(limit, pair):
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(i, int) and 0 <= i < limit for i in pair)
    )


class BPETokenizer:
    def __init__(self, merges=()):
        self.merges = list(map(tuple, merges))
        self.vocab = reduce(expand, self.merges, [*SPECIALS, *map(bytes, zip(range(256)))])
        self.vocab_size = len(self.vocab)
        self._steps = [glue(pair, new_id) for new_id, pair in enumerate(self.merges, FIRST)]

    @classmethod
    def train(cls, text, vocab_size):
        bag = Counter(words_of(text))
        if vocab_size < FIRST:
            raise ValueError(f"vocab_size >= {FIRST}, please, not {vocab_size}")
        endless = takewhile(lambda pair: pair is not None, states(bag))
        return cls(islice(endless, vocab_size - FIRST))

    def encode(self, text):
        run = lambda word: reduce(lambda w, step: step(w), self._steps, word)
        return list(chain.from_iterable(map(run, words_of(text))))

    def decode(self, ids):
        def lookup(i):
            if i in range(self.vocab_size):
                return self.vocab[i]
            raise ValueError(f"no token has the id {i}")

        return str(b"".join(map(lookup, ids)), "utf-8", "replace")

    def save(self, path):
        with open(path, "w", encoding="utf-8") as out:
            json.dump(dict(merges=self.merges), out)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as source:
            found = json.load(source)
        rows = found.get("merges") if isinstance(found, dict) else None
        if not isinstance(rows, list):
            raise ValueError("no list of merges")
        if not all(is_pair(limit, row) for limit, row in enumerate(rows, FIRST)):
            raise ValueError("not every merge is a pair of known ids")
        return cls(rows)
