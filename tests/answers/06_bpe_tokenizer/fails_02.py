# Style: generators and a deque. Everything streams.
import json
import re
from collections import Counter, deque
from pathlib import Path

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
N_SPECIAL, N_BYTES = 3, 256
START = N_SPECIAL + N_BYTES


def stream(text):
    if not isinstance(text, str):
        raise TypeError("text must be a str, not " + type(text).__name__)
    for found in PIECES.finditer(text):
        yield found.group()


def merged(ids, left, right, new):
    waiting = deque(ids)
    while waiting:
        first = waiting.popleft()
        if waiting and first == left and waiting[0] == right:
            waiting.popleft()
            yield new
        else:
            yield first


def all_pairs(words):
    for ids, times in words:
        for place in range(len(ids) - 1):
            yield ids[place : place + 2], times


def learn(words):
    new = START
    while True:
        counts = Counter()
        for pair, times in all_pairs(words):
            counts[pair] += times
        if not counts:
            return
        _, (left, right) = min((-n, pair) for pair, n in counts.items())
        yield left, right
        words = [(tuple(merged(ids, left, right, new)), times) for ids, times in words]
        new += 1


class BPETokenizer:
    """A tokenizer of byte pairs."""

    def __init__(self, merges=()):
        self.merges = [tuple(pair) for pair in merges]
        self.vocab = list(self._tokens())
        self.vocab_size = len(self.vocab)

    def _tokens(self):
        seen = [b"<pad>", b"<unk>", b"<eos>"]
        seen.extend(value.to_bytes(1, "big") for value in range(N_BYTES))
        yield from seen
        for left, right in self.merges:
            seen.append(seen[left] + seen[right])
            yield seen[-1]

    @classmethod
    def train(cls, text, vocab_size):
        times = Counter(stream(text))
        if vocab_size < START:
            raise ValueError(f"{vocab_size} tokens are too few, {START} are the least")
        words = [(tuple(N_SPECIAL + b for b in word.encode()), n) for word, n in times.items()]
        wanted = vocab_size - START
        return cls(pair for pair, _ in zip(learn(words), range(wanted)))

    def _ids(self, text):
        for word in stream(text):
            ids = [N_SPECIAL + b for b in word.encode()]
            for new, (left, right) in enumerate(self.merges, START):
                ids = merged(ids, left, right, new) if left in ids else ids
                ids = list(ids)
            yield from ids

    def encode(self, text):
        return list(self._ids(text))

    def _bytes(self, ids):
        for id in ids:
            if id not in range(self.vocab_size):
                raise ValueError(f"id {id} is not 0 to {self.vocab_size - 1}")
            yield self.vocab[id]

    def decode(self, ids):
        return b"".join(self._bytes(ids)).decode(errors="replace")

    def save(self, path):
        Path(path).write_text(json.dumps({"merges": self.merges}))

    @classmethod
    def load(cls, path):
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(cls._checked(content))

    @staticmethod
    def _checked(content):
        if not isinstance(content, dict):
            raise ValueError("the file must hold a JSON object")
        rows = content.get("merges", None)
        if not isinstance(rows, list):
            raise ValueError('the key "merges" must hold a list')
        merges = []
        for row in rows:
            known = range(START + len(merges))
            if not isinstance(row, list) or len(row) != 2:
                raise ValueError(f"{row} is no pair")
            if not all(isinstance(id, int) and id in known for id in row):
                raise ValueError(f"{row} holds an id that is not there yet")
            merges.append(tuple(row))
        return merges
