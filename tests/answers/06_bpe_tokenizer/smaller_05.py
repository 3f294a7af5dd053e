import json
import re
from collections import Counter

# Cuts a text into words; merges never cross the border between two words.
PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
SPECIALS = [b"<pad>", b"<unk>", b"<eos>"]
# Byte b has the id b + 3.
BYTE_OFFSET = len(SPECIALS)
# The first merge has the id 259.
FIRST_MERGE = BYTE_OFFSET + 256


def merge(ids, pair, new_id):
    # Build a new list, so that the caller's list is not changed.
    merged = []
    i = 0
    while i < len(ids):
        # The last id has no right neighbour, so check the length first.
        if i + 1 < len(ids) and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            merged.append(new_id)
            # Jump over both halves, so that neither is used twice.
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


class BPETokenizer:
    def __init__(self, merges=()):
        # A copy: later changes to the caller's list have no effect here.
        self.merges = [tuple(pair) for pair in merges]
        # The place in this list is the id: special tokens, then the 256 bytes.
        self.vocab = SPECIALS + [bytes([b]) for b in range(256)]
        # Pair -> new id, for encode; a smaller id was learned earlier.
        self._pair_ids = {}
        for a, b in self.merges:
            # setdefault keeps the first id if a pair is listed twice.
            self._pair_ids.setdefault((a, b), len(self.vocab))
            # Both halves are already in vocab, because merges are in learned order.
            self.vocab.append(self.vocab[a] + self.vocab[b])
        self.vocab_size = len(self.vocab)

    def decode(self, ids):
        parts = []
        for i in ids:
            # Without this check, -1 would silently give the last token.
            if not 0 <= i < self.vocab_size:
                raise ValueError(f"id does not exist: {i}")
            parts.append(self.vocab[i])
        # Join first, decode after; broken UTF-8 becomes U+FFFD.
        return b"".join(parts).decode("utf-8", errors="replace")

    @classmethod
    def train(cls, text, vocab_size):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        if vocab_size < FIRST_MERGE:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE}")
        # Each different word once, as ids, together with how often it comes.
        words = [
            ([b + BYTE_OFFSET for b in piece.encode("utf-8")], count)
            for piece, count in Counter(PIECES.findall(text)).items()
        ]
        merges = []
        for new_id in range(FIRST_MERGE, vocab_size):
            counts = Counter()
            for ids, count in words:
                for pair in zip(ids, ids[1:]):
                    # A pair in a word that comes 5 times counts 5 times.
                    counts[pair] += count
            # Every word is a single token now: nothing is left to merge.
            if not counts:
                break
            # The highest count wins; on a tie, the smaller pair.
            best = min(counts, key=lambda pair: (-counts[pair], pair))
            words = [(merge(ids, best, new_id), count) for ids, count in words]
            merges.append(best)
        return cls(merges)

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        result = []
        for piece in PIECES.findall(text):
            ids = [b + BYTE_OFFSET for b in piece.encode("utf-8")]
            while True:
                # Only the pairs in this word that were learned.
                known = [pair for pair in zip(ids, ids[1:]) if pair in self._pair_ids]
                if not known:
                    break
                # The smallest new id is the pair that was learned first.
                first = min(known, key=self._pair_ids.get)
                ids = merge(ids, first, self._pair_ids[first])
            result.extend(ids)
        return result

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            # JSON has no tuples, so each pair becomes a list.
            json.dump({"merges": [list(pair) for pair in self.merges]}, file)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            try:
                data = json.load(file)
            # Bad JSON and bad UTF-8 are ValueErrors; RecursionError is extreme nesting.
            except (ValueError, RecursionError) as error:
                raise ValueError(f"not a JSON file: {path}") from error
        # The top level could also be a list or a number, so check for a dict first.
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError('the file has no list "merges"')
        merges = []
        # new_id is the id this merge gets, so its halves must be smaller.
        for new_id, pair in enumerate(data["merges"], start=FIRST_MERGE):
            if not isinstance(pair, list) or len(pair) != 2:
                raise ValueError(f"merge {new_id} is not a pair: {pair!r}")
            for half in pair:
                # type(...) is int, because isinstance(True, int) is True.
                if type(half) is not int or not 0 <= half < new_id:
                    raise ValueError(f"merge {new_id} has a bad id: {half!r}")
            merges.append(tuple(pair))
        return cls(merges)
