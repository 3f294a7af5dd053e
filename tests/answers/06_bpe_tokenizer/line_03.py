# Style: each id is a character of a private alphabet, and str.replace does the merging.
import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
ZERO = 0x10000  # the character of id 0


def to_char(i):
    return chr(ZERO + i)


def to_chars(word):
    return "".join(to_char(3 + byte) for byte in word.encode("utf-8"))


class BPETokenizer:
    """Byte pair encoding on strings."""

    def __init__(self, merges=()):
        self.merges = list(merges)
        self.vocab = [b"<pad>", b"<unk>", b"<eos>"] + [bytes((i,)) for i in range(256)]
        for a, b in self.merges:
            self.vocab.append(self.vocab[a] + self.vocab[b])
        self.vocab_size = len(self.vocab)
        self._rules = [
            (to_char(a) + to_char(b), to_char(259 + n)) for n, (a, b) in enumerate(self.merges)
        ]

    @classmethod
    def train(cls, text, vocab_size):
        if not isinstance(text, str):
            raise TypeError("train wants a str")
        if vocab_size < 259:
            raise ValueError("a vocabulary has 259 tokens or more")
        words = Counter(map(to_chars, PIECES.findall(text)))
        merges = []
        while 259 + len(merges) < vocab_size:
            counts = Counter()
            for word, n in words.items():
                for i in range(1, len(word)):
                    counts[word[i - 1 : i + 1]] += n
            if not counts:
                break
            most = max(counts.values())
            best = min(pair for pair in counts if counts[pair] == most)
            new = to_char(259 + len(merges))
            words = Counter({word.replace(best, new): n for word, n in words.items()})
            merges.append((ord(best[0]) - ZERO, ord(best[1]) - ZERO))
        return cls(merges)

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("encode wants a str")
        ids = []
        for piece in PIECES.findall(text):
            chars = to_chars(piece)
            for old, new in self._rules:
                chars = chars.replace(old, new)
            ids.extend(ord(c) - ZERO for c in chars)
        return ids

    def decode(self, ids):
        parts = []
        for i in ids:
            if i < 0 or i > self.vocab_size - 1:
                raise ValueError("no token with id %d" % i)
            parts.append(self.vocab[i])
        return b"".join(parts).decode("utf-8", "replace")

    def save(self, path):
        with open(path, "w") as f:
            print(json.dumps({"merges": self.merges}), file=f)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            d = json.load(f)
        try:
            merges = d["merges"]
            assert type(merges) is list
            for n, m in enumerate(merges):
                a, b = m
                assert type(a) is int and type(b) is int
                assert 0 <= a < 259 + n and 0 <= b < 259 + n
        except (AssertionError, KeyError, TypeError, ValueError):
            raise ValueError("%s does not hold merges" % path) from None
        return cls([(a, b) for a, b in merges])
