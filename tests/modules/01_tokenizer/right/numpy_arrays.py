"""Numpy inside: characters are code points, and encoding is one search in a sorted table."""

import numpy as np

RESERVED = ["<pad>", "<unk>", "<eos>"]
UNKNOWN = 1


def code_points(text):
    return np.fromiter(map(ord, text), dtype=np.int64, count=len(text))


class CharTokenizer:
    def __init__(self, text):
        # np.unique sorts; return_index says where each character was met first
        self.points, first_seen = np.unique(code_points(text), return_index=True)
        order = np.argsort(first_seen)
        self.vocab = RESERVED + [chr(point) for point in self.points[order]]
        self.vocab_size = len(RESERVED) + order.size
        self.point_ids = np.zeros(order.size, dtype=np.int64)
        self.point_ids[order] = np.arange(3, self.vocab_size)

    def encode(self, text):
        wanted = code_points(text)
        if self.points.size == 0:
            return np.full(wanted.size, UNKNOWN).tolist()
        place = np.searchsorted(self.points, wanted)
        place = np.minimum(place, self.points.size - 1)
        found = self.points[place] == wanted
        return np.where(found, self.point_ids[place], UNKNOWN).tolist()

    def decode(self, ids):
        numbers = list(ids)
        if any(n < 0 or n >= self.vocab_size for n in numbers):
            raise ValueError(f"ids must lie in 0 ... {self.vocab_size - 1}: {numbers}")
        table = np.array(self.vocab, dtype=object)
        return "".join(table[np.array(numbers, dtype=np.int64)])
