import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

SPECIAL_TOKENS = [b"<pad>", b"<unk>", b"<eos>"]
# Byte b has the id b + 3.
BYTE_OFFSET = len(SPECIAL_TOKENS)
# The first merge gets the id 259.
FIRST_MERGE_ID = BYTE_OFFSET + 256


def merge(ids, pair, new_id):
    result = []
    i = 0
    while i < len(ids):
        # A pair needs a right neighbour, so check that there is one first.
        if i + 1 < len(ids) and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            result.append(new_id)
            # Skip both halves, so that pairs never overlap: a a a -> aa a.
            i += 2
        else:
            result.append(ids[i])
            i += 1
    return result


class BPETokenizer:
    def __init__(self, merges=()):
        # A copy: later changes to the caller's list do not reach us.
        self.merges = [tuple(pair) for pair in merges]
        # The position in this list is the id.
        self.vocab = SPECIAL_TOKENS + [bytes([b]) for b in range(256)]
        # pair -> id of its merge; a smaller id was learned earlier.
        self._merge_ids = {}
        for left, right in self.merges:
            # setdefault: if a pair is listed twice, the first one counts.
            self._merge_ids.setdefault((left, right), len(self.vocab))
            # Both halves are already in vocab, because they were learned earlier.
            self.vocab.append(self.vocab[left] + self.vocab[right])
        self.vocab_size = len(self.vocab)

    def decode(self, ids):
        parts = []
        for token_id in ids:
            # Check by hand: vocab[-1] would silently give the last token.
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(f"there is no id {token_id}")
            parts.append(self.vocab[token_id])
        # Join first, decode after: a single token can be half a character.
        return b"".join(parts).decode("utf-8", errors="replace")

    @classmethod
    def train(cls, text, vocab_size):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        if vocab_size < FIRST_MERGE_ID:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE_ID}")
        # Each different word once, as [ids, how often it comes].
        words = [
            [[b + BYTE_OFFSET for b in word.encode("utf-8")], count]
            for word, count in Counter(PIECES.findall(text)).items()
        ]
        merges = []
        while FIRST_MERGE_ID + len(merges) < vocab_size:
            counts = Counter()
            for ids, count in words:
                # zip gives the neighbours inside one word, never across words.
                for pair in zip(ids, ids[1:]):
                    # A word that comes count times adds count to each pair.
                    counts[pair] += count
            # Every word is a single id now: nothing is left to merge.
            if not counts:
                break
            # The most frequent pair; in a tie, the smallest pair.
            best = min(counts, key=lambda pair: (-counts[pair], pair))
            new_id = FIRST_MERGE_ID + len(merges)
            merges.append(best)
            for word in words:
                word[0] = merge(word[0], best, new_id)
        return cls(merges)

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        result = []
        for word in PIECES.findall(text):
            ids = [b + BYTE_OFFSET for b in word.encode("utf-8")]
            while True:
                # Only the pairs for which a merge was learned.
                known = [pair for pair in zip(ids, ids[1:]) if pair in self._merge_ids]
                if not known:
                    break
                # The smallest merge id belongs to the pair learned first.
                first = min(known, key=self._merge_ids.get)
                ids = merge(ids, first, self._merge_ids[first])
            result.extend(ids)
        return result

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            # JSON has no tuples: they are written as lists.
            json.dump({"merges": self.merges}, file)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            try:
                data = json.load(file)
            # ValueError: bad JSON or bad UTF-8; RecursionError: nested too deeply.
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{path} is not valid JSON") from error
        # Valid JSON can also be a list or a number, so check for a dict first.
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError(f'{path} has no list "merges"')
        merges = []
        for pair in data["merges"]:
            # Ids below this one exist when this merge is learned.
            new_id = FIRST_MERGE_ID + len(merges)
            if not isinstance(pair, list) or len(pair) != 2:
                raise ValueError(f"merge {len(merges)} is not a pair: {pair!r}")
            for half in pair:
                # type(...) is int, because isinstance(True, int) is true.
                if type(half) is not int or not 0 <= half < new_id:
                    raise ValueError(f"merge {len(merges)} has a bad id: {half!r}")
            merges.append(tuple(pair))
        return cls(merges)
