import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

# Ids 0, 1, 2: the special tokens.
SPECIAL_TOKENS = (b"<pad>", b"<unk>", b"<eos>")

# Ids 3 to 258: the 256 bytes. Byte b has id b + 3.
FIRST_BYTE_ID = len(SPECIAL_TOKENS)

# Ids from 259 on: one for each merge.
FIRST_MERGE_ID = FIRST_BYTE_ID + 256


def check_text(text):
    """Raise a TypeError if text is not a str."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")


def word_to_byte_ids(word):
    """Return the ids of the UTF-8 bytes of a word."""
    return [byte + FIRST_BYTE_ID for byte in word.encode("utf-8")]


def count_pairs(words):
    """Count all pairs of neighbours. words holds (ids, how often the word comes)."""
    counts = Counter()
    for ids, how_often in words:
        # zip puts each id together with the id to its right.
        for pair in zip(ids, ids[1:]):
            counts[pair] += how_often
    return counts


def merge_pair(ids, pair, new_id):
    """Return a new list in which new_id replaces pair, from left to right."""
    merged = []
    i = 0
    while i < len(ids):
        # At the last id there is no right neighbour, so no pair.
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            # The pair is here: write the new id and step over both halves.
            merged.append(new_id)
            i += 2
        else:
            # No pair here: keep this id.
            merged.append(ids[i])
            i += 1
    return merged


def apply_merges(ids, new_ids):
    """Merge the learned pairs in one word. new_ids maps a pair to its new id."""
    while True:
        # Find the pairs in this word that were learned.
        learned = [pair for pair in zip(ids, ids[1:]) if pair in new_ids]
        # Stop when there are none.
        if not learned:
            return ids
        # The pair with the smallest new id was learned first.
        first = min(learned, key=lambda pair: new_ids[pair])
        # Merge it everywhere in the word.
        ids = merge_pair(ids, first, new_ids[first])


def is_valid_merge(merge, next_id):
    """True if merge is a list of two ids that exist before next_id is made."""
    if not isinstance(merge, list) or len(merge) != 2:
        return False
    # type(...) is int also refuses true and false, which Python counts as ints.
    return all(type(part) is int and 0 <= part < next_id for part in merge)


class BPETokenizer:
    def __init__(self, merges=()):
        # Copy the merges, so that no list is shared with the caller.
        self.merges = [(left, right) for left, right in merges]

        # Start with the special tokens and the 256 bytes.
        self.vocab = list(SPECIAL_TOKENS) + [bytes([byte]) for byte in range(256)]

        # Add one token for each merge. _new_ids remembers: pair -> its new id.
        self._new_ids = {}
        for left, right in self.merges:
            # setdefault keeps the first id if a pair stands in the list twice.
            self._new_ids.setdefault((left, right), len(self.vocab))
            self.vocab.append(self.vocab[left] + self.vocab[right])

        # Count the tokens.
        self.vocab_size = len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        # Check the arguments.
        check_text(text)
        if vocab_size < FIRST_MERGE_ID:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE_ID}")

        # Cut the text, and count equal words once, with how often they come.
        word_counts = Counter(PIECES.findall(text))

        # Write each word as byte ids.
        words = [
            (word_to_byte_ids(word), how_often)
            for word, how_often in word_counts.items()
        ]

        # Learn one merge in each round, until the vocab is full.
        merges = []
        while FIRST_MERGE_ID + len(merges) < vocab_size:
            # Count the pairs, and stop when no pair is left.
            counts = count_pairs(words)
            if not counts:
                break

            # Take the most frequent pair; if there are several, the smaller ids.
            best = min(counts, key=lambda pair: (-counts[pair], pair))

            # Give it the next new id.
            new_id = FIRST_MERGE_ID + len(merges)
            merges.append(best)

            # Merge it in every word.
            words = [
                (merge_pair(ids, best, new_id), how_often)
                for ids, how_often in words
            ]

        return cls(merges)

    def encode(self, text):
        # Check the argument.
        check_text(text)

        # Cut the text, and encode one word after the other.
        all_ids = []
        for word in PIECES.findall(text):
            # Begin with the ids of the bytes.
            word_ids = word_to_byte_ids(word)
            # Merge the learned pairs (think of t from your first example).
            word_ids = apply_merges(word_ids, self._new_ids)  # PREDICT: what is here for "help"?
            # Put the ids of this word at the end of the result.
            all_ids.extend(word_ids)
        return all_ids

    def decode(self, ids):
        # Collect the bytes of each token.
        parts = []
        for token_id in ids:
            # Check first: vocab[-1] would silently give the last token.
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(f"there is no token with id {token_id}")
            parts.append(self.vocab[token_id])

        # Join first, then decode once: one character can span several tokens.
        return b"".join(parts).decode("utf-8", errors="replace")

    def save(self, path):
        # Make the JSON text. JSON has no tuples: each pair becomes a list.
        json_text = json.dumps({"merges": self.merges})

        # Write it to the file.
        with open(path, "w", encoding="utf-8") as file:
            file.write(json_text)

    @classmethod
    def load(cls, path):
        # Read the file. A missing file raises FileNotFoundError here.
        # Bad JSON raises a JSONDecodeError, which is a kind of ValueError.
        with open(path, encoding="utf-8") as file:
            data = json.load(file)

        # Check that there is a list under "merges".
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError('the file has no list under "merges"')

        # Check each merge, and make it a tuple again.
        merges = []
        for merge in data["merges"]:
            # Both halves must be smaller than the id that this merge gets.
            next_id = FIRST_MERGE_ID + len(merges)
            if not is_valid_merge(merge, next_id):
                raise ValueError(f"merge number {len(merges)} is not valid: {merge!r}")
            merges.append(tuple(merge))

        return cls(merges)
