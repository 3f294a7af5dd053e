"""Challenge 6, the BPE tokenizer: what often stands side by side becomes one token.

Byte pair encoding starts from the bytes of a text. Again and again, the most frequent pair of
neighbours becomes a new token. So the tokens grow: el, hel, hello.
Source: Sennrich et al. 2016, arXiv:1508.07909; on bytes, and inside words only, as in GPT-2.
"""

# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/06_bpe_tokenizer_test.py scaffolds/06_bpe_tokenizer_skeleton.py
# Or take it over:  cp scaffolds/06_bpe_tokenizer_skeleton.py mini_gpt/bpe.py

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
    raise NotImplementedError("write cut in mini_gpt/bpe.py")


def byte_ids(word: str) -> list[int]:
    """Turn a word into the ids of its bytes in UTF-8: "hé" into [107, 198, 172]."""
    # The special tokens have the first ids. The bytes come behind them.
    raise NotImplementedError("write byte_ids in mini_gpt/bpe.py")


def merge(ids: list[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """Put one new id in the place of a pair, everywhere.

    >>> merge([5, 5, 5, 6], (5, 5), 300)
    [300, 5, 6]
    """
    # From left to right. Where the pair is complete, the new id takes its place.
    raise NotImplementedError("write merge in mini_gpt/bpe.py")


class PairCounter:
    """Count the pairs of neighbours in a text, and keep the counts true while pairs are merged.

    To count all over again after each merge is right, and slow. A merge changes only the words in
    which the pair stands, and those are few. So know where each pair stands, and count only there.
    """

    def __init__(self, word_counts: dict[str, int]):
        # A word that stands in the text a hundred times is kept once, with the number 100.
        # Go through the words, and through the pairs of neighbours in each.
            # Keep of each pair how often it stands in the text, and in which words.
        # A heap has its smallest entry on top: here the highest count, of equals the smaller ids.
        raise NotImplementedError("write PairCounter.__init__ in mini_gpt/bpe.py")

    def most_frequent(self) -> tuple[int, int] | None:
        """Return the most frequent pair, of equals the one with the smaller ids; None if none."""
        # Look at the top of the heap, until its count is the true one.
            # The count sank since then. Put the true one in its place, if any are left.
        raise NotImplementedError("write PairCounter.most_frequent in mini_gpt/bpe.py")

    def merge(self, pair: tuple[int, int], new_id: int) -> None:
        """Merge a pair in all words."""
        # Go through the words in which the pair stands, or once stood.
            # Take the pairs of this word out of the counts.
            # Count the pairs of the merged word. Those with the new id are new: keep their place.
        # From now on the new pairs may win.
        raise NotImplementedError("write PairCounter.merge in mini_gpt/bpe.py")


class BPETokenizer:
    """Turn text into ids of tokens that may be longer than a character, and back.

    Args:
        merges: the pairs of ids that became one token, in the order learned.

    >>> BPETokenizer.train("hello hello help", 264).vocab[259:]
    [b'el', b'hel', b' hel', b'lo', b'hello']
    """

    def __init__(self, merges: Iterable[tuple[int, int]] = ()):
        # The vocabulary: the special tokens, and each byte.
        # Then for each pair what its two halves hold, joined.
        # From a pair to the id of its token. A pair that was learned earlier has a smaller id.
        # Most words come again and again, so keep the ids of each word that was encoded.
        raise NotImplementedError("write BPETokenizer.__init__ in mini_gpt/bpe.py")

    @classmethod
    def train(cls, text: str, vocab_size: int) -> "BPETokenizer":
        """Learn from a text which pairs become one token.

        Args:
            text: the text to learn from.
            vocab_size: how many tokens to have, at least 259. A short text may have too few pairs.
        """
        # The 3 special tokens and the 256 bytes are always there.
        # Count how often each word stands in the text.
        # Merge the most frequent pair, until there are enough tokens, or no pair is left.
        raise NotImplementedError("write BPETokenizer.train in mini_gpt/bpe.py")

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids. Special tokens never come out of a text."""
        # Go through the words. Work out each one that is new, and look up the others.
        raise NotImplementedError("write BPETokenizer.encode in mini_gpt/bpe.py")

    def encode_word(self, word: str) -> list[int]:
        """Turn one word into ids, by the merges that were learned."""
        # Begin with its bytes.
        # Of the pairs in the word, merge the one that was learned first, until none is left.
        raise NotImplementedError("write BPETokenizer.encode_word in mini_gpt/bpe.py")

    def decode(self, ids: Iterable[int]) -> str:
        """Turn ids into a text. Special tokens appear by name, broken characters as U+FFFD."""
        # Look up what each id stands for.
            # Refuse an id that nobody has. Python itself would accept -1 as "the last one".
        # Join the bytes before they become text: a character may be spread over several tokens.
        raise NotImplementedError("write BPETokenizer.decode in mini_gpt/bpe.py")

    def save(self, path: str | Path) -> None:
        """Write the merges to a file. Everything else follows from them."""
        # As JSON, with the pairs under the name "merges".
        raise NotImplementedError("write BPETokenizer.save in mini_gpt/bpe.py")

    @classmethod
    def load(cls, path: str | Path) -> "BPETokenizer":
        """Read what save wrote. A file that holds no merges is refused with a ValueError."""
        # Find the pairs. JSON knows no tuples: they were written as lists.
            # Anything else than a list of pairs is refused.
        # Whatever was wrong, say what should be there.
        # Each pair joins two tokens that are there before it.
            # Its ids are whole numbers below its own.
        raise NotImplementedError("write BPETokenizer.load in mini_gpt/bpe.py")


if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys

    check = Path(__file__).resolve().parents[1] / "checks" / "06_bpe_tokenizer_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
