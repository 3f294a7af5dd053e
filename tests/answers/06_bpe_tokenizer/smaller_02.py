import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

SPECIALS = [b"<pad>", b"<unk>", b"<eos>"]
# Byte b has id b + 3.
BYTE_OFFSET = len(SPECIALS)
# 3 special tokens + 256 bytes = 259, the id of the first merge.
FIRST_MERGE = BYTE_OFFSET + 256


def merge(ids, pair, new_id):
    first, second = pair
    merged = []
    i = 0
    while i < len(ids):
        # Look for the pair here; the last id has no right neighbour.
        if i + 1 < len(ids) and ids[i] == first and ids[i + 1] == second:
            merged.append(new_id)
            # Jump over both halves, so that neither is used twice.
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


def word_to_ids(word):
    # Iterating over bytes gives the numbers 0 to 255.
    return [b + BYTE_OFFSET for b in word.encode("utf-8")]


class BPETokenizer:
    def __init__(self, merges=()):
        # Copy, so that later changes to the caller's list do not matter.
        self.merges = [tuple(pair) for pair in merges]
        # The position in this list is the id.
        self.vocab = SPECIALS + [bytes([b]) for b in range(256)]
        # Pair -> new id, for encode; a lower id was learned earlier.
        self._new_ids = {}
        for left, right in self.merges:
            # setdefault: if a pair is listed twice, the first one counts.
            self._new_ids.setdefault((left, right), len(self.vocab))
            # Both halves are already in vocab, so their bytes can be joined.
            self.vocab.append(self.vocab[left] + self.vocab[right])
        self.vocab_size = len(self.vocab)

    def decode(self, ids):
        parts = []
        for i in ids:
            # Without this check, -1 would silently give the last token.
            if not 0 <= i < self.vocab_size:
                raise ValueError(f"id {i} does not exist")
            parts.append(self.vocab[i])
        # Invalid UTF-8 becomes the replacement character U+FFFD.
        return b"".join(parts).decode("utf-8", errors="replace")

    @classmethod
    def train(cls, text, vocab_size):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        if vocab_size < FIRST_MERGE:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE}")
        # Equal words are counted once, and kept as (ids, how often).
        word_counts = Counter(PIECES.findall(text))
        words = [(word_to_ids(word), n) for word, n in word_counts.items()]
        merges = []
        for new_id in range(FIRST_MERGE, vocab_size):
            counts = Counter()
            for ids, n in words:
                # zip gives the neighbours, never across two words.
                for pair in zip(ids, ids[1:]):
                    # The word occurs n times, so its pairs do too.
                    counts[pair] += n
            # Every word is a single token: nothing left to merge.
            if not counts:
                break
            # Highest count first; on a tie the smallest pair.
            best = min(counts, key=lambda pair: (-counts[pair], pair))
            merges.append(best)
            # Merge it everywhere before counting again.
            words = [(merge(ids, best, new_id), n) for ids, n in words]
        return cls(merges)

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        result = []
        for word in PIECES.findall(text):
            ids = word_to_ids(word)
            while True:
                # Only the pairs that were learned are of interest.
                known = [pair for pair in zip(ids, ids[1:]) if pair in self._new_ids]
                if not known:
                    break
                # The lowest new id belongs to the pair learned first.
                first = min(known, key=self._new_ids.get)
                ids = merge(ids, first, self._new_ids[first])
            result.extend(ids)
        return result

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            # JSON has no tuples, so each pair is written as a list.
            json.dump({"merges": [list(pair) for pair in self.merges]}, file)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            try:
                data = json.load(file)
            # ValueError covers bad JSON and bad UTF-8; RecursionError, absurd nesting.
            except (ValueError, RecursionError) as error:
                raise ValueError("the file is not valid JSON") from error
        # The JSON may be fine and still be a number or a plain list.
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError('the file has no list "merges"')
        merges = []
        # limit is the id this merge will get: its halves must be below it.
        for limit, pair in enumerate(data["merges"], start=FIRST_MERGE):
            if not isinstance(pair, list) or len(pair) != 2:
                raise ValueError(f"merge {limit} is not a pair: {pair!r}")
            for half in pair:
                # type() instead of isinstance, because True is an int as well.
                if type(half) is not int or not 0 <= half < limit:
                    raise ValueError(f"merge {limit} has a bad id: {half!r}")
            merges.append(tuple(pair))
        return cls(merges)
