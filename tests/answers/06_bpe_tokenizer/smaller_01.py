import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
SPECIALS = (b"<pad>", b"<unk>", b"<eos>")
# Byte b has the id b + 3.
BYTE_OFFSET = len(SPECIALS)
# The first merge gets the id 259.
FIRST_MERGE = BYTE_OFFSET + 256


def merge(ids, pair, new_id):
    first, second = pair
    # A new list, so the caller's list stays as it was.
    result = []
    i = 0
    while i < len(ids):
        # The first test makes sure that there is a right neighbour.
        if i + 1 < len(ids) and ids[i] == first and ids[i + 1] == second:
            result.append(new_id)
            # Skip both halves, so no id is used twice.
            i += 2
        else:
            result.append(ids[i])
            i += 1
    return result


def word_to_ids(word):
    # One id for each UTF-8 byte, moved up past the special tokens.
    return [byte + BYTE_OFFSET for byte in word.encode("utf-8")]


class BPETokenizer:
    def __init__(self, merges=()):
        # A copy: later changes to the caller's list have no effect here.
        self.merges = [tuple(pair) for pair in merges]
        # The position in this list is the id.
        self.vocab = list(SPECIALS) + [bytes([b]) for b in range(256)]
        # From pair to new id, for encode.
        self._pair_ids = {}
        for pair in self.merges:
            # setdefault: if a pair is listed twice, the first one counts.
            self._pair_ids.setdefault(pair, len(self.vocab))
            left, right = pair
            # Both halves are older than the merge, so they are already there.
            self.vocab.append(self.vocab[left] + self.vocab[right])
        self.vocab_size = len(self.vocab)

    def decode(self, ids):
        parts = []
        for token_id in ids:
            # Without this test, -1 would quietly give the last token.
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(f"there is no token with id {token_id}")
            parts.append(self.vocab[token_id])
        # Join first, decode afterwards; broken UTF-8 becomes U+FFFD.
        return b"".join(parts).decode("utf-8", errors="replace")

    @classmethod
    def train(cls, text, vocab_size):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        if vocab_size < FIRST_MERGE:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE}")
        # Each different word once, together with how often it comes.
        words = [
            (word_to_ids(word), count)
            for word, count in Counter(PIECES.findall(text)).items()
        ]
        merges = []
        while FIRST_MERGE + len(merges) < vocab_size:
            counts = Counter()
            for ids, count in words:
                # zip gives the neighbours, and never across two words.
                for pair in zip(ids, ids[1:]):
                    # A word that comes 5 times counts 5 times.
                    counts[pair] += count
            # Every word is a single token now: nothing left to learn.
            if not counts:
                break
            # The highest count; on a tie, the smallest pair.
            best = min(counts, key=lambda pair: (-counts[pair], pair))
            new_id = FIRST_MERGE + len(merges)
            # Merge it everywhere before counting again.
            words = [(merge(ids, best, new_id), count) for ids, count in words]
            merges.append(best)
        return cls(merges)

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        result = []
        for word in PIECES.findall(text):
            ids = word_to_ids(word)
            while True:
                # Only the neighbours that were learned as a merge.
                known = [pair for pair in zip(ids, ids[1:]) if pair in self._pair_ids]
                if not known:
                    break
                # The smallest new id is the merge that was learned first.
                pair = min(known, key=self._pair_ids.get)
                ids = merge(ids, pair, self._pair_ids[pair])
            result.extend(ids)
        return result

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            # JSON has no tuples: they are written as lists.
            json.dump({"merges": self.merges}, file)

    @classmethod
    def load(cls, path):
        try:
            with open(path, encoding="utf-8") as file:
                data = json.load(file)
        # Bad JSON and bad UTF-8 are ValueErrors; extreme nesting is a RecursionError.
        except (ValueError, RecursionError) as error:
            raise ValueError("the file is not readable JSON") from error
        # The top level may be a list or a number, so test for a dict first.
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError('the file has no list "merges"')
        merges = []
        for pair in data["merges"]:
            if not isinstance(pair, list) or len(pair) != 2:
                raise ValueError(f"merge {len(merges)} is not a pair")
            # Ids below this limit exist when this merge is learned.
            limit = FIRST_MERGE + len(merges)
            for half in pair:
                # type(...) is int, because isinstance(True, int) is true.
                if type(half) is not int or not 0 <= half < limit:
                    raise ValueError(f"merge {len(merges)} has an id that does not exist")
            # Back to a tuple: a list cannot be a key of a dict.
            merges.append(tuple(pair))
        return cls(merges)
