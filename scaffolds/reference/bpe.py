"""Challenge 6, the BPE tokenizer: what often stands side by side becomes one token.

Byte pair encoding starts from the bytes of a text. Again and again, the most frequent pair of
neighbours becomes a new token. So the tokens grow: el, hel, hello.
Source: Sennrich et al. 2016, arXiv:1508.07909; on bytes, and inside words only, as in GPT-2.
"""

import heapq
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

# A short ending such as 's, letters, digits, other signs (each with a space before), white space.
PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
SPECIAL_TOKENS = [b"<pad>", b"<unk>", b"<eos>"]
FIRST_BYTE = len(SPECIAL_TOKENS)  # the id of byte 0; the other bytes follow
FIRST_MERGE = FIRST_BYTE + 256  # the id of the first pair that is learned


def cut(text: str) -> list[str]:
    """Cut a text into words. Joined, they are the text again."""
    # Only a text can be cut.
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    return PIECES.findall(text)


def byte_ids(word: str) -> list[int]:
    """Turn a word into the ids of its bytes in UTF-8: "hé" into [107, 198, 172]."""
    # The special tokens have the first ids. The bytes come behind them.
    return [FIRST_BYTE + byte for byte in word.encode("utf-8")]


def merge(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """Put one new id in the place of a pair, everywhere.

    >>> merge([5, 5, 5, 6], (5, 5), 300)
    [300, 5, 6]
    """
    left, right = pair
    merged = []
    # From left to right. Where the pair is complete, the new id takes its place.
    for id in ids:
        if id == right and merged and merged[-1] == left:
            merged[-1] = new_id
        else:
            merged.append(id)
    return merged


class PairCounter:
    """Count the pairs of neighbours in a text, and keep the counts true while pairs are merged.

    To count all over again after each merge is right, and slow. A merge changes only the words in
    which the pair stands, and those are few. So know where each pair stands, and count only there.
    """

    def __init__(self, word_counts: dict[str, int]):
        # A word that stands in the text a hundred times is kept once, with the number 100.
        self.words = [byte_ids(word) for word in word_counts]
        self.times = list(word_counts.values())
        self.counts = defaultdict(int)
        self.places = defaultdict(set)
        # Go through the words, and through the pairs of neighbours in each.
        for index, ids in enumerate(self.words):
            # Keep of each pair how often it stands in the text, and in which words.
            for pair in pairwise(ids):
                self.counts[pair] += self.times[index]
                self.places[pair].add(index)
        # A heap has its smallest entry on top: here the highest count, of equals the smaller ids.
        self.heap = [(-count, pair) for pair, count in self.counts.items()]
        heapq.heapify(self.heap)

    def most_frequent(self) -> tuple[int, int] | None:
        """Return the most frequent pair, of equals the one with the smaller ids; None if none."""
        # Look at the top of the heap, until its count is the true one.
        while self.heap:
            promised, pair = self.heap[0]
            count = self.counts[pair]
            if count == -promised:
                return pair
            # The count sank since then. Put the true one in its place, if any are left.
            heapq.heappop(self.heap)
            if count:
                heapq.heappush(self.heap, (-count, pair))
        return None

    def merge(self, pair: tuple[int, int], new_id: int) -> None:
        """Merge a pair in all words."""
        born = set()
        # Go through the words in which the pair stands, or once stood.
        for index in self.places.pop(pair):
            # Take the pairs of this word out of the counts.
            for old in pairwise(self.words[index]):
                self.counts[old] -= self.times[index]
            self.words[index] = merge(self.words[index], pair, new_id)
            # Count the pairs of the merged word. Those with the new id are new: keep their place.
            for new in pairwise(self.words[index]):
                self.counts[new] += self.times[index]
                if new_id in new:
                    self.places[new].add(index)
                    born.add(new)
        # From now on the new pairs may win.
        for new in born:
            heapq.heappush(self.heap, (-self.counts[new], new))


class BPETokenizer:
    """Turn text into ids of tokens that may be longer than a character, and back.

    Args:
        merges: the pairs of ids that became one token, in the order learned.

    >>> BPETokenizer.train("hello hello help", 264).vocab[259:]
    [b'el', b'hel', b' hel', b'lo', b'hello']
    """

    def __init__(self, merges: Iterable[tuple[int, int]] = ()):
        self.merges = list(merges)
        # The vocabulary: the special tokens, and each byte.
        self.vocab = SPECIAL_TOKENS + [bytes([byte]) for byte in range(256)]
        # Then for each pair what its two halves hold, joined.
        for left, right in self.merges:
            self.vocab.append(self.vocab[left] + self.vocab[right])
        self.vocab_size = len(self.vocab)
        # From a pair to the id of its token. A pair that was learned earlier has a smaller id.
        self.id_of = {pair: id for id, pair in enumerate(self.merges, start=FIRST_MERGE)}
        # Most words come again and again, so keep the ids of each word that was encoded.
        self.known = {}

    @classmethod
    def train(cls, text: str, vocab_size: int) -> "BPETokenizer":
        """Learn from a text which pairs become one token.

        Args:
            text: the text to learn from.
            vocab_size: how many tokens to have, at least 259. A short text may have too few pairs.
        """
        # The 3 special tokens and the 256 bytes are always there.
        if vocab_size < FIRST_MERGE:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE}, got {vocab_size}")
        # Count how often each word stands in the text.
        counter = PairCounter(Counter(cut(text)))
        merges = []
        # Merge the most frequent pair, until there are enough tokens, or no pair is left.
        while FIRST_MERGE + len(merges) < vocab_size and (pair := counter.most_frequent()):
            counter.merge(pair, FIRST_MERGE + len(merges))
            merges.append(pair)
        return cls(merges)

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids. Special tokens never come out of a text."""
        ids = []
        # Go through the words. Work out each one that is new, and look up the others.
        for word in cut(text):
            if word not in self.known:
                self.known[word] = self.encode_word(word)
            ids += self.known[word]
        return ids

    def encode_word(self, word: str) -> list[int]:
        """Turn one word into ids, by the merges that were learned."""
        # Begin with its bytes.
        ids = byte_ids(word)
        # Of the pairs in the word, merge the one that was learned first, until none is left.
        while learned := [self.id_of[pair] for pair in pairwise(ids) if pair in self.id_of]:
            new_id = min(learned)
            ids = merge(ids, self.merges[new_id - FIRST_MERGE], new_id)
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Turn ids into a text. Special tokens appear by name, broken characters as U+FFFD."""
        tokens = []
        # Look up what each id stands for.
        for id in ids:
            # Refuse an id that nobody has. Python itself would accept -1 as "the last one".
            if not 0 <= id < self.vocab_size:
                raise ValueError(f"id must be 0 to {self.vocab_size - 1}, got {int(id)}")
            tokens.append(self.vocab[id])
        # Join the bytes before they become text: a character may be spread over several tokens.
        return b"".join(tokens).decode("utf-8", errors="replace")

    def save(self, path: str | Path) -> None:
        """Write the merges to a file. Everything else follows from them."""
        # As JSON, with the pairs under the name "merges".
        Path(path).write_text(json.dumps({"merges": self.merges}), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "BPETokenizer":
        """Read what save wrote. A file that holds no merges is refused with a ValueError."""
        # Find the pairs. JSON knows no tuples: they were written as lists.
        try:
            rows = json.loads(Path(path).read_bytes())["merges"]
            # Anything else than a list of pairs is refused.
            if not isinstance(rows, list):
                raise TypeError("no list")
            merges = [(left, right) for left, right in rows]
        # Whatever was wrong, say what should be there.
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ValueError(f'{path} must be JSON, {{"merges": [[a, b], ...]}}') from error
        # Each pair joins two tokens that are there before it.
        for new_id, pair in enumerate(merges, start=FIRST_MERGE):
            # Its ids are whole numbers below its own.
            if not all(type(id) is int and 0 <= id < new_id for id in pair):
                raise ValueError(f"{path}: a merge must join ids below {new_id}, got {pair}")
        return cls(merges)
