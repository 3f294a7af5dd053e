import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

# Ids 0, 1, 2 are the special tokens. The 256 bytes follow them: byte b has id b + 3.
SPECIAL_TOKENS = (b"<pad>", b"<unk>", b"<eos>")
FIRST_BYTE_ID = len(SPECIAL_TOKENS)      # 3
FIRST_MERGE_ID = FIRST_BYTE_ID + 256     # 259


def check_text(text):
    """Raise a TypeError if text is not a str."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")


def word_to_ids(word):
    """Turn a word into the list of the ids of its UTF-8 bytes."""
    return [byte + FIRST_BYTE_ID for byte in word.encode("utf-8")]


def pairs_in(ids):
    """List all pairs of neighbours: [1, 2, 3] -> [(1, 2), (2, 3)]."""
    return list(zip(ids, ids[1:]))


def merge_pair(ids, pair, new_id):
    """Return a new list in which each pair, from left to right, became new_id."""
    merged = []
    i = 0
    while i < len(ids):
        # At the last id, the slice has only one element, so it never equals a pair.
        if tuple(ids[i:i + 2]) == pair:
            # The pair is here: write the new id, and step over both halves.
            merged.append(new_id)
            i += 2
        else:
            # No pair here: copy one id.
            merged.append(ids[i])
            i += 1
    return merged


def count_pairs(words, word_counts):
    """Count all pairs in all words. A word that comes 5 times counts 5 times."""
    counts = Counter()
    for ids, times in zip(words, word_counts):
        for pair in pairs_in(ids):
            counts[pair] += times
    return counts


def check_merge(merge, next_id):
    """Raise a ValueError if merge, read from a file, is not two ids below next_id."""
    if not isinstance(merge, list) or len(merge) != 2:
        raise ValueError(f"a merge must be a list of two ids: {merge!r}")
    for half in merge:
        # type(...) is int, because isinstance(True, int) would let True and False pass.
        if type(half) is not int or not 0 <= half < next_id:
            raise ValueError(f"not an id from 0 to {next_id - 1}: {half!r}")


class BPETokenizer:
    """A tokenizer that works on bytes and on pairs of tokens it has learned to merge."""

    def __init__(self, merges=()):
        # Copy the merges, so that a later change to the caller's list changes nothing here.
        self.merges = [tuple(pair) for pair in merges]

        # Begin the vocab with the special tokens and the 256 bytes.
        self.vocab = list(SPECIAL_TOKENS)
        self.vocab += [bytes([byte]) for byte in range(256)]

        # Add one token per merge. Also remember which new id each pair becomes.
        self._new_ids = {}
        for left, right in self.merges:
            new_id = len(self.vocab)
            self.vocab.append(self.vocab[left] + self.vocab[right])
            # If a pair stands in the list twice, setdefault keeps the first new id.
            self._new_ids.setdefault((left, right), new_id)

        self.vocab_size = len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        """Learn merges from text until the vocab has vocab_size tokens."""
        # Check the arguments.
        check_text(text)
        if vocab_size < FIRST_MERGE_ID:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE_ID}")

        # Cut the text into words, and count how often each different word comes.
        counted = Counter(PIECES.findall(text))
        words = [word_to_ids(word) for word in counted]
        word_counts = list(counted.values())

        merges = []
        while FIRST_MERGE_ID + len(merges) < vocab_size:
            # Count all pairs anew. This is not the fastest way, but the simplest.
            counts = count_pairs(words, word_counts)

            # Stop early if each word is already a single token.
            if not counts:
                break

            # Take the most frequent pair; of equally frequent ones, that with the smaller ids.
            best = min(counts, key=lambda pair: (-counts[pair], pair))

            # Merge it in every word, and write it down as learned.
            new_id = FIRST_MERGE_ID + len(merges)
            words = [merge_pair(ids, best, new_id) for ids in words]
            merges.append(best)

        return cls(merges)

    def encode(self, text):
        """Turn a text into a list of ids."""
        check_text(text)
        all_ids = []

        for word in PIECES.findall(text):
            # Begin with the ids of the word's bytes.
            word_ids = word_to_ids(word)

            while True:
                # Find the pairs in this word that were learned. If there are none, it is finished.
                learned = [pair for pair in pairs_in(word_ids) if pair in self._new_ids]
                if not learned:
                    break

                # The pair with the smallest new id was learned first. Merge it everywhere.
                first = min(learned, key=lambda pair: self._new_ids[pair])
                word_ids = merge_pair(word_ids, first, self._new_ids[first])

            # Put the finished word_ids at the end of the result.
            all_ids.extend(word_ids)  # PREDICT: what is here for "help"?

        return all_ids

    def decode(self, ids):
        """Turn ids back into a text."""
        # Collect the bytes of each token.
        parts = []
        for token_id in ids:
            # Check first: Python would read vocab[-1] as the last token.
            if not 0 <= token_id < len(self.vocab):
                raise ValueError(f"there is no token with id {token_id}")
            parts.append(self.vocab[token_id])

        # Join first, decode once: one character's bytes may be spread over several tokens.
        return b"".join(parts).decode("utf-8", errors="replace")

    def save(self, path):
        """Write the merges to a JSON file."""
        # JSON has no tuples: each pair is written as a list.
        content = json.dumps({"merges": self.merges})
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)

    @classmethod
    def load(cls, path):
        """Read a tokenizer from a JSON file that save has written."""
        # open raises FileNotFoundError if there is no file.
        # json.load raises JSONDecodeError, a kind of ValueError, if it is not JSON.
        with open(path, encoding="utf-8") as file:
            data = json.load(file)

        # Check that there is a list under "merges".
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError('the file has no list under "merges"')

        # Check each merge (it may use only ids that exist by then), and make it a tuple.
        merges = []
        for merge in data["merges"]:
            check_merge(merge, FIRST_MERGE_ID + len(merges))
            merges.append(tuple(merge))

        return cls(merges)
