# Style: an algorithms course. Linked nodes, a priority queue, local updates of the counts.
import heapq
import itertools
import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


class Node:
    __slots__ = ("id", "prev", "next", "weight", "order", "alive")

    def __init__(self, id, weight, order):
        self.id, self.weight, self.order = id, weight, order
        self.prev = self.next = None
        self.alive = True


def chain_word(piece, weight, clock):
    """Build a doubly linked list, return its nodes from left to right."""
    nodes = [Node(3 + byte, weight, next(clock)) for byte in piece.encode("utf-8")]
    for a, b in zip(nodes, nodes[1:]):
        a.next, b.prev = b, a
    return nodes


class Index:
    """Counts of all pairs, where they begin, and a heap with lazy deletion."""

    def __init__(self):
        self.count = Counter()
        self.where = {}
        self.heap = []

    def enter(self, node):
        if node is None or node.next is None:
            return
        pair = (node.id, node.next.id)
        self.count[pair] += node.weight
        self.where.setdefault(pair, {})[node.order] = node
        heapq.heappush(self.heap, (-self.count[pair], pair))

    def leave(self, node):
        if node is None or node.next is None:
            return
        pair = (node.id, node.next.id)
        self.count[pair] -= node.weight
        self.where[pair].pop(node.order, None)
        if self.count[pair]:
            heapq.heappush(self.heap, (-self.count[pair], pair))

    def best(self):
        while self.heap:
            negative, pair = heapq.heappop(self.heap)
            if self.count[pair] == -negative and negative < 0:
                return pair
        return None

    def fuse(self, pair, new_id):
        for order in sorted(self.where[pair]):
            node = self.where[pair].get(order)
            if node is None or not node.alive:
                continue
            right = node.next
            self.leave(node.prev)
            self.leave(node)
            self.leave(right)
            node.id = new_id
            node.next = right.next
            if right.next is not None:
                right.next.prev = node
            right.alive = False
            self.enter(node.prev)
            self.enter(node)


class BPETokenizer:
    def __init__(self, merges=()):
        self.merges = [*merges]
        self.vocab = [b"<pad>", b"<unk>", b"<eos>", *[bytes([i]) for i in range(256)]]
        self.ranks = {}
        for pair in self.merges:
            self.ranks[pair] = len(self.vocab)
            self.vocab.append(self.vocab[pair[0]] + self.vocab[pair[1]])

    @property
    def vocab_size(self):
        return len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        if not isinstance(text, str):
            raise TypeError("text is not a str")
        if vocab_size < 259:
            raise ValueError("vocab_size < 259")
        index, clock = Index(), itertools.count()
        for piece, weight in Counter(PIECES.findall(text)).items():
            for node in chain_word(piece, weight, clock):
                index.enter(node)
        merges = []
        while len(merges) + 259 < vocab_size:
            pair = index.best()
            if pair is None:
                break
            index.fuse(pair, 259 + len(merges))
            merges.append(pair)
        return cls(merges)

    def _word(self, piece):
        nodes = chain_word(piece, 1, itertools.count())
        queue = []

        def offer(node):
            if node is not None and node.next is not None:
                rank = self.ranks.get((node.id, node.next.id))
                if rank is not None:
                    heapq.heappush(queue, (rank, node.order, node.id, node.next.id, node))

        for node in nodes:
            offer(node)
        while queue:
            rank, _, left, right, node = heapq.heappop(queue)
            if not node.alive or node.id != left or node.next is None or node.next.id != right:
                continue
            gone = node.next
            node.id, node.next, gone.alive = rank, gone.next, False
            if gone.next is not None:
                gone.next.prev = node
            offer(node.prev)
            offer(node)
        return [node.id for node in nodes if node.alive]

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text is not a str")
        return [i for piece in PIECES.findall(text) for i in self._word(piece)]

    def decode(self, ids):
        out = bytearray()
        for i in ids:
            if not 0 <= i < len(self.vocab):
                raise ValueError(f"{i} is no id")
            out += self.vocab[i]
        return out.decode("utf-8", "replace")

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"version": 1, "merges": self.merges}, f)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            data = json.load(f)
        if not (isinstance(data, dict) and isinstance(data.get("merges"), list)):
            raise ValueError("no merges")
        merges = []
        for limit, row in enumerate(data["merges"], 259):
            if not (isinstance(row, list) and len(row) == 2):
                raise ValueError("no pair")
            if not all(isinstance(i, int) and 0 <= i < limit for i in row):
                raise ValueError("no id")
            merges.append(tuple(row))
        return cls(merges)
