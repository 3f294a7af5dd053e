import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")

# The special tokens have the ids 0, 1, 2.
SPECIAL_TOKENS = (b"<pad>", b"<unk>", b"<eos>")

# Byte b has the id b + 3, because three special tokens come first.
BYTE_OFFSET = len(SPECIAL_TOKENS)

# 3 special tokens + 256 bytes = 259, which is also the id of the first merge.
BASE_SIZE = BYTE_OFFSET + 256


def check_text(text):
    # Only a str can be cut into words.
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {type(text).__name__}")


def word_to_ids(word):
    # Turn the word into UTF-8 bytes, and each byte into its id.
    return [byte + BYTE_OFFSET for byte in word.encode("utf-8")]


def neighbours(ids):
    # Pair each id with the next one: [1, 2, 3] gives (1, 2) and (2, 3).
    return zip(ids, ids[1:])


def count_pairs(words):
    # words is a list of (ids, how often the word comes).
    counts = Counter()
    for ids, how_often in words:
        # A word that comes 5 times adds 5 for each place of a pair.
        for pair in neighbours(ids):
            counts[pair] += how_often
    return counts


def merge_pair(ids, pair, new_id):
    # Build a new list, and walk through the old one from left to right.
    merged = []
    i = 0
    while i < len(ids):
        # The pair starts here: write the new id and jump over both halves.
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            merged.append(new_id)
            i += 2
        # No pair here: copy one id.
        else:
            merged.append(ids[i])
            i += 1
    return merged


def check_merge(merge, next_id):
    # A merge from a file must be a list of two things.
    if not isinstance(merge, list) or len(merge) != 2:
        raise ValueError(f"a merge must be two ids, not {merge!r}")
    for token_id in merge:
        # type(...) is int also refuses True and False, which isinstance allows.
        if type(token_id) is not int:
            raise ValueError(f"an id must be a whole number, not {token_id!r}")
        # Only ids below next_id exist when this merge is learned.
        if not 0 <= token_id < next_id:
            raise ValueError(f"id {token_id} does not exist yet in this merge")


class BPETokenizer:
    def __init__(self, merges=()):
        # Make our own copy, so that two tokenizers share nothing.
        self.merges = [(left, right) for left, right in merges]

        # Ids 0 to 2: the special tokens.
        self.vocab = list(SPECIAL_TOKENS)

        # Ids 3 to 258: the 256 bytes. bytes([65]) is the single byte b"A".
        for value in range(256):
            self.vocab.append(bytes([value]))

        # Ids from 259 on: one token for each merge.
        # _new_ids is for encode: it remembers pair -> id of the merged token.
        self._new_ids = {}
        for left, right in self.merges:
            # The next free id is the present length of vocab.
            # setdefault keeps the first id if a pair is in the list twice.
            self._new_ids.setdefault((left, right), len(self.vocab))
            # The new token is the bytes of its two halves, joined.
            self.vocab.append(self.vocab[left] + self.vocab[right])

        self.vocab_size = len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        # Check the arguments first.
        check_text(text)
        if vocab_size < BASE_SIZE:
            raise ValueError(f"vocab_size must be at least {BASE_SIZE}")

        # Cut the text, and count how often each word comes.
        word_counts = Counter(PIECES.findall(text))

        # Keep each different word once: its ids and how often it comes.
        words = []
        for word, how_often in word_counts.items():
            words.append((word_to_ids(word), how_often))

        # Learn one merge in each round, until vocab is large enough.
        merges = []
        while BASE_SIZE + len(merges) < vocab_size:
            # Count all pairs, and stop if no pair is left.
            counts = count_pairs(words)
            if not counts:
                break

            # Take the most frequent pair; if equal, the one with smaller ids.
            # The minus sign makes the highest count the smallest number.
            best = min(counts, key=lambda pair: (-counts[pair], pair))

            # The pair becomes the next new id.
            new_id = BASE_SIZE + len(merges)
            merges.append(best)

            # Merge the pair in every word; the word counts stay the same.
            words = [(merge_pair(ids, best, new_id), how_often)
                     for ids, how_often in words]

        return cls(merges)

    def encode(self, text):
        check_text(text)
        all_ids = []

        # Work on one word at a time, so no merge crosses a word's edge.
        for word in PIECES.findall(text):
            # Begin with the ids of the bytes.
            word_ids = word_to_ids(word)

            while True:
                # Find the pairs in this word that were learned.
                learned = [pair for pair in neighbours(word_ids)
                           if pair in self._new_ids]

                # No learned pair is left: this word is finished.
                if not learned:
                    break

                # The pair that was learned first has the smallest new id.
                first = min(learned, key=lambda pair: self._new_ids[pair])

                # Merge it everywhere in the word, then look again.
                word_ids = merge_pair(word_ids, first, self._new_ids[first])

            # Add the finished word_ids to the result.
            all_ids.extend(word_ids)  # PREDICT: what is here for "help"?

        return all_ids

    def decode(self, ids):
        parts = []
        for token_id in ids:
            # Check this ourselves: vocab[-1] would silently give the last token.
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(f"id {token_id} does not exist")
            parts.append(self.vocab[token_id])

        # Join all bytes first, then decode once.
        # errors="replace" puts "\ufffd" where the bytes are not valid UTF-8.
        return b"".join(parts).decode("utf-8", errors="replace")

    def save(self, path):
        # The merges are enough: __init__ builds vocab from them again.
        # JSON has no tuples, so json writes each pair as a list.
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"merges": self.merges}, file)

    @classmethod
    def load(cls, path):
        # open raises FileNotFoundError if there is no file.
        # json.load raises JSONDecodeError, a kind of ValueError, if it is not JSON.
        with open(path, encoding="utf-8") as file:
            data = json.load(file)

        # The file must hold a dict with a list under "merges".
        if not isinstance(data, dict) or not isinstance(data.get("merges"), list):
            raise ValueError('the file has no list under "merges"')

        # Check each merge, and make a tuple of it again.
        merges = []
        for merge in data["merges"]:
            check_merge(merge, BASE_SIZE + len(merges))
            merges.append(tuple(merge))

        return cls(merges)
