import json
import re
from collections import Counter

# Cuts a text into words; joined, they are the text again.
PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

# Ids 0, 1, 2. The 256 bytes come right after them.
SPECIAL_TOKENS = [b"<pad>", b"<unk>", b"<eos>"]
# Byte b has the id b + 3.
FIRST_BYTE_ID = len(SPECIAL_TOKENS)
# The first merge gets the id 259.
FIRST_MERGE_ID = FIRST_BYTE_ID + 256


def word_to_ids(word):
    """Turn a word into the list of its bytes' ids."""
    return [byte + FIRST_BYTE_ID for byte in word.encode("utf-8")]


def count_pairs(words):
    """Count all pairs of neighbours; words is a list of (ids, times)."""
    counts = Counter()
    for ids, times in words:
        # zip puts each id next to the one that follows it.
        for pair in zip(ids, ids[1:]):
            # A word that stands in the text 5 times counts 5 times.
            counts[pair] += times
    return counts


def merge_pair(ids, pair, new_id):
    """Return a new list in which new_id stands wherever pair stood."""
    merged = []
    i = 0
    # Walk from left to right.
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            # The pair is here: write the new id and step over both halves.
            merged.append(new_id)
            i += 2
        else:
            # It is not here: keep this id and step over it.
            merged.append(ids[i])
            i += 1
    return merged


def is_valid_pair(pair, known_ids):
    """Is pair a list of two whole numbers from 0 to known_ids - 1?"""
    if not isinstance(pair, list) or len(pair) != 2:
        return False
    for half in pair:
        # Not isinstance(half, int): for that, True and False are ints too.
        if type(half) is not int or not 0 <= half < known_ids:
            return False
    return True


class BPETokenizer:
    def __init__(self, merges=()):
        # Copy the pairs, so that the caller's list stays separate.
        self.merges = [tuple(pair) for pair in merges]

        # Begin with the special tokens and the 256 bytes (+ makes a new list).
        self.vocab = SPECIAL_TOKENS + [bytes([value]) for value in range(256)]

        # For encode: which new id belongs to which pair.
        self._new_ids = {}
        for left, right in self.merges:
            # The next free id. If a pair comes twice, setdefault keeps its first id.
            self._new_ids.setdefault((left, right), len(self.vocab))
            # The new token is the bytes of its two halves, joined.
            self.vocab.append(self.vocab[left] + self.vocab[right])

        self.vocab_size = len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        # Check the arguments.
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        if vocab_size < FIRST_MERGE_ID:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE_ID}")

        # Cut the text into words and count equal words once.
        word_counts = Counter(PIECES.findall(text))
        words = [(word_to_ids(word), times) for word, times in word_counts.items()]

        merges = []
        # Learn one merge per round, until the vocabulary is full.
        while FIRST_MERGE_ID + len(merges) < vocab_size:
            # Count the pairs; stop when no pair is left.
            counts = count_pairs(words)
            if not counts:
                break

            # Take the most frequent pair (minus: the largest count comes first).
            # Of equally frequent pairs, take the one with the smaller ids.
            best = min(counts, key=lambda pair: (-counts[pair], pair))

            # Give it the next new id and merge it in all words.
            new_id = FIRST_MERGE_ID + len(merges)
            merges.append(best)
            words = [(merge_pair(ids, best, new_id), times) for ids, times in words]

        return cls(merges)

    def encode(self, text):
        # Check the argument.
        if not isinstance(text, str):
            raise TypeError("text must be a str")

        result = []
        # Work on each word alone: a merge never crosses from word to word.
        for word in PIECES.findall(text):
            # Begin with the ids of the bytes.
            ids = word_to_ids(word)

            while True:
                # Find the pairs in this word that were learned.
                learned = [pair for pair in zip(ids, ids[1:]) if pair in self._new_ids]
                if not learned:
                    break

                # The smallest new id belongs to the pair that was learned first.
                first = min(learned, key=lambda pair: self._new_ids[pair])

                # Merge that pair everywhere in the word, then look again.
                ids = merge_pair(ids, first, self._new_ids[first])

            # No learned pair is left: this word is finished.
            result.extend(ids)  # PREDICT: what is here for "help"?

        return result

    def decode(self, ids):
        parts = []
        for token_id in ids:
            # Check first: vocab[-1] would quietly give the last token.
            if not 0 <= token_id < len(self.vocab):
                raise ValueError(f"there is no token with the id {token_id}")
            parts.append(self.vocab[token_id])

        # Join all bytes first, then decode once.
        return b"".join(parts).decode("utf-8", errors="replace")

    def save(self, path):
        # The merges are enough: vocab can be built from them again.
        with open(path, "w", encoding="utf-8") as file:
            # JSON has no tuples, so the pairs are written as lists.
            json.dump({"merges": self.merges}, file)

    @classmethod
    def load(cls, path):
        # A missing file raises FileNotFoundError here.
        with open(path, encoding="utf-8") as file:
            # If it is not JSON, json raises a JSONDecodeError, a kind of ValueError.
            data = json.load(file)

        # There must be a list under "merges".
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError('the file has no list under "merges"')

        merges = []
        for pair in data["merges"]:
            # So many ids exist when this merge is learned.
            known_ids = FIRST_MERGE_ID + len(merges)
            if not is_valid_pair(pair, known_ids):
                raise ValueError(f"merge number {len(merges)} is not valid: {pair}")
            # Make a tuple of the pair again.
            merges.append(tuple(pair))

        return cls(merges)
