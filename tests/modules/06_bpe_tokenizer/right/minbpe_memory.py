# Style: what one remembers of Karpathy's minbpe (get_stats, merge, RegexTokenizer).
"""Minimal byte-level BPE, following minbpe."""

import json
import re

SPLIT_PATTERN = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def get_stats(ids, counts=None):
    """[1, 2, 3, 1, 2] -> {(1, 2): 2, (2, 3): 1, (3, 1): 1}"""
    counts = {} if counts is None else counts
    for pair in zip(ids, ids[1:]):  # iterate consecutive elements
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def merge(ids, pair, idx):
    newids = []
    i = 0
    while i < len(ids):
        # if not at the very last position AND the pair matches, replace it
        if ids[i] == pair[0] and i < len(ids) - 1 and ids[i + 1] == pair[1]:
            newids.append(idx)
            i += 2
        else:
            newids.append(ids[i])
            i += 1
    return newids


class BPETokenizer:
    def __init__(self, merges=()):
        self.merges = [tuple(p) for p in merges]
        self._build_vocab()

    def _build_vocab(self):
        vocab = {0: b"<pad>", 1: b"<unk>", 2: b"<eos>"}
        for idx in range(256):
            vocab[idx + 3] = bytes([idx])
        for i, (p0, p1) in enumerate(self.merges):
            vocab[259 + i] = vocab[p0] + vocab[p1]
        self.vocab = [vocab[i] for i in range(len(vocab))]
        self.ranks = {pair: 259 + i for i, pair in enumerate(self.merges)}

    @property
    def vocab_size(self):
        return len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        if vocab_size < 259:
            raise ValueError("vocab_size must be at least 259")
        num_merges = vocab_size - 259
        # split the text up into text chunks
        text_chunks = re.findall(SPLIT_PATTERN, text)
        # input text preprocessing
        ids = [[b + 3 for b in ch.encode("utf-8")] for ch in text_chunks]
        merges = []
        for i in range(num_merges):
            stats = {}
            for chunk_ids in ids:
                get_stats(chunk_ids, stats)
            if not stats:
                break
            pair = min(stats, key=lambda p: (-stats[p], p))
            idx = 259 + i
            ids = [merge(chunk_ids, pair, idx) for chunk_ids in ids]
            merges.append(pair)
        return cls(merges)

    def _encode_chunk(self, text_bytes):
        ids = [b + 3 for b in text_bytes]
        while len(ids) >= 2:
            stats = get_stats(ids)
            pair = min(stats, key=lambda p: self.ranks.get(p, float("inf")))
            if pair not in self.ranks:
                break  # nothing else can be merged anymore
            idx = self.ranks[pair]
            ids = merge(ids, pair, idx)
        return ids

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        ids = []
        for chunk in re.findall(SPLIT_PATTERN, text):
            chunk_ids = self._encode_chunk(chunk.encode("utf-8"))
            ids.extend(chunk_ids)
        return ids

    def decode(self, ids):
        part_bytes = []
        for idx in ids:
            if idx < 0 or idx >= len(self.vocab):
                raise ValueError(f"invalid token id: {idx}")
            part_bytes.append(self.vocab[idx])
        text_bytes = b"".join(part_bytes)
        return text_bytes.decode("utf-8", errors="replace")

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"merges": self.merges}, f)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            try:
                data = json.load(f)
            except ValueError as e:
                raise ValueError("not a JSON file") from e
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError("no merges in the file")
        merges = []
        for i, item in enumerate(data["merges"]):
            if not isinstance(item, list) or len(item) != 2:
                raise ValueError("a merge is a pair")
            for x in item:
                if not isinstance(x, int) or x < 0 or x >= 259 + i:
                    raise ValueError(f"bad id {x}")
            merges.append((item[0], item[1]))
        return cls(merges)
