# Style: somebody who thinks in arrays. The text is one array, words are kept apart by -1.
import json
import re

import numpy as np

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
BASE = 259
BIG = 1 << 32


def to_array(text):
    if not isinstance(text, str):
        raise TypeError("need a str")
    rows = []
    for piece in PIECES.findall(text):
        raw = np.frombuffer(piece.encode("utf-8"), dtype=np.uint8).astype(np.int64) + 3
        rows.append(np.append(raw, -1))
    return np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)


def replace_pair(array, pair, new_id):
    if len(array) < 2:
        return array
    hits = np.flatnonzero((array[:-1] == pair[0]) & (array[1:] == pair[1]))
    if len(hits) == 0:
        return array
    if pair[0] == pair[1]:
        # of overlapping hits keep every second one, from the left
        keep, last = [], -2
        for hit in hits:
            if hit > last + 1:
                keep.append(hit)
                last = hit
        hits = np.array(keep)
    array = array.copy()
    array[hits] = new_id
    return np.delete(array, hits + 1)


def best_pair(array):
    left, right = array[:-1], array[1:]
    inside = (left >= 0) & (right >= 0)
    keys = left[inside] * BIG + right[inside]
    if len(keys) == 0:
        return None
    values, counts = np.unique(keys, return_counts=True)  # sorted, so argmax takes the smallest
    key = int(values[np.argmax(counts)])
    return key // BIG, key % BIG


class BPETokenizer:
    def __init__(self, merges=()):
        self.merges = [(int(a), int(b)) for a, b in merges]
        self.vocab = [b"<pad>", b"<unk>", b"<eos>"]
        self.vocab.extend(bytes([i]) for i in range(256))
        for a, b in self.merges:
            self.vocab.append(self.vocab[a] + self.vocab[b])
        self.vocab_size = len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        array = to_array(text)
        if vocab_size < BASE:
            raise ValueError(f"vocab_size {vocab_size} is below {BASE}")
        merges = []
        for new_id in range(BASE, vocab_size):
            pair = best_pair(array)
            if pair is None:
                break
            array = replace_pair(array, pair, new_id)
            merges.append(pair)
        return cls(merges)

    def encode(self, text):
        array = to_array(text)
        for new_id, pair in enumerate(self.merges, start=BASE):
            array = replace_pair(array, pair, new_id)
        return array[array >= 0].tolist()

    def decode(self, ids):
        ids = np.array(list(ids), dtype=np.int64)
        if ids.size and (ids.min() < 0 or ids.max() >= self.vocab_size):
            raise ValueError(f"ids must be in 0..{self.vocab_size - 1}")
        return b"".join([self.vocab[i] for i in ids]).decode("utf-8", errors="replace")

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"merges": [list(p) for p in self.merges]}, f)

    @classmethod
    def load(cls, path):
        with open(path, "rb") as f:
            raw = f.read()
        try:
            pairs = json.loads(raw.decode("utf-8"))["merges"]
            array = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
        except (ValueError, TypeError, KeyError, OverflowError) as e:
            raise ValueError(f"{path}: cannot read merges") from e
        limits = BASE + np.arange(len(array))
        if any(not isinstance(x, int) for pair in pairs for x in pair):
            raise ValueError(f"{path}: ids must be integers")
        if (array < 0).any() or (array >= limits[:, None]).any():
            raise ValueError(f"{path}: a merge uses an id that does not exist yet")
        return cls(array.tolist() and [tuple(p) for p in array.tolist()])
