import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

# Ids 0, 1, 2: tokens with a special meaning.
SPECIAL_TOKENS = (b"<pad>", b"<unk>", b"<eos>")

# Ids 3 to 258: the 256 bytes. So byte b has id b + 3.
FIRST_BYTE_ID = len(SPECIAL_TOKENS)

# Ids from 259 on: one token for each merge.
FIRST_MERGE_ID = FIRST_BYTE_ID + 256


def check_text(text):
    """Raise a TypeError if text is not a str."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")


def byte_ids(piece):
    """Turn a piece of text into the list of its bytes' ids."""
    # Going through a bytes object gives numbers from 0 to 255.
    return [byte + FIRST_BYTE_ID for byte in piece.encode("utf-8")]


def neighbours(ids):
    """List all pairs of neighbours: [1, 2, 3] gives [(1, 2), (2, 3)]."""
    # zip puts each id together with the id one place to its right.
    return list(zip(ids, ids[1:]))


def count_pairs(words):
    """Count the pairs in all words; words is a list of (ids, how_often)."""
    counts = Counter()
    for ids, how_often in words:
        for pair in neighbours(ids):
            # A word that comes 5 times adds 5 for each of its pairs.
            counts[pair] += how_often
    return counts


def merge_pair(ids, pair, new_id):
    """Return a new list in which new_id replaces the pair everywhere."""
    result = []
    i = 0
    # Walk from left to right.
    while i < len(ids):
        # At the last id there is no right neighbour, so check that first.
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            # The pair is here: write the new id, and step over both halves.
            result.append(new_id)
            i += 2
        else:
            # The pair is not here: copy one id.
            result.append(ids[i])
            i += 1
    return result


def is_valid_merge(merge, next_id):
    """Check that a merge from a file is two whole numbers from 0 to next_id - 1."""
    if not isinstance(merge, list) or len(merge) != 2:
        return False
    for half in merge:
        # type(...) is int also refuses True and False, which isinstance allows.
        if type(half) is not int or not 0 <= half < next_id:
            return False
    return True


class BPETokenizer:
    def __init__(self, merges=()):
        # Make our own list, so that nothing is shared with the caller.
        self.merges = [tuple(pair) for pair in merges]

        # Begin with the special tokens, then the 256 single bytes.
        self.vocab = list(SPECIAL_TOKENS)
        for byte in range(256):
            self.vocab.append(bytes([byte]))

        # For encode: pair -> id of the merged token.
        self._new_ids = {}

        # Add one token for each merge: the bytes of its two halves, joined.
        for pair in self.merges:
            new_id = len(self.vocab)
            left, right = pair
            self.vocab.append(self.vocab[left] + self.vocab[right])
            # setdefault keeps the first id if a pair is in the list twice.
            self._new_ids.setdefault(pair, new_id)

        self.vocab_size = len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        # Check the arguments.
        check_text(text)
        if vocab_size < FIRST_MERGE_ID:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE_ID}")

        # Cut the text, and keep each different word once, with its count.
        piece_counts = Counter(PIECES.findall(text))
        words = [(byte_ids(piece), how_often) for piece, how_often in piece_counts.items()]

        # Each turn of this loop learns one merge.
        merges = []
        for new_id in range(FIRST_MERGE_ID, vocab_size):
            # Count all pairs; stop when every word is a single token.
            counts = count_pairs(words)
            if not counts:
                break

            # Choose the most frequent pair. The minus sign puts the largest
            # count first; of equal counts, the pair with smaller ids wins.
            best = min(counts, key=lambda pair: (-counts[pair], pair))

            # Remember the pair, and merge it in every word.
            merges.append(best)
            words = [(merge_pair(ids, best, new_id), how_often) for ids, how_often in words]

        return cls(merges)

    def encode(self, text):
        # Check the argument.
        check_text(text)

        result = []
        for piece in PIECES.findall(text):
            # Begin with the ids of the word's bytes.
            word = byte_ids(piece)

            while True:
                # Find the pairs in this word that were learned.
                known = [pair for pair in neighbours(word) if pair in self._new_ids]
                if not known:
                    break

                # Take the one learned first: it has the smallest new id.
                first = min(known, key=lambda pair: self._new_ids[pair])

                # Merge it everywhere in the word, then look again.
                word = merge_pair(word, first, self._new_ids[first])

            # The word is finished: add its ids to the result.
            result.extend(word)  # PREDICT: what is here for "help"?

        return result

    def decode(self, ids):
        # Collect the bytes of all tokens.
        parts = []
        for token_id in ids:
            # Python would count a negative id from the end, so refuse it here.
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(f"there is no token with id {token_id}")
            parts.append(self.vocab[token_id])

        # Join first, then decode once: one character such as "é" can be
        # spread over several tokens.
        return b"".join(parts).decode("utf-8", errors="replace")

    def save(self, path):
        # JSON has no tuples: each pair is written as a list [a, b].
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"merges": self.merges}, file)

    @classmethod
    def load(cls, path):
        # Read the file. open raises FileNotFoundError if it is missing, and
        # json.load raises a kind of ValueError if it is not JSON.
        with open(path, encoding="utf-8") as file:
            data = json.load(file)

        # Check that there is a list under "merges".
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError('the file has no list under "merges"')

        # Check each merge: it may only use ids that exist when it is learned.
        merges = []
        for next_id, merge in enumerate(data["merges"], start=FIRST_MERGE_ID):
            if not is_valid_merge(merge, next_id):
                raise ValueError(f"not a valid merge for id {next_id}: {merge!r}")
            # Make the pair a tuple again.
            merges.append(tuple(merge))

        return cls(merges)
