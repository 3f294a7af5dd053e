import json
import re
from collections import Counter

PIECES = re.compile(
    r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+"
)

SPECIAL_TOKENS = [b"<pad>", b"<unk>", b"<eos>"]
# Byte b has id b + 3, because the special tokens come first.
BYTE_OFFSET = len(SPECIAL_TOKENS)
# 3 special tokens + 256 bytes = 259.
FIRST_MERGE_ID = BYTE_OFFSET + 256


def merge(ids, pair, new_id):
    left, right = pair
    result = []
    i = 0
    while i < len(ids):
        # The length check comes first, because the last id has no right neighbour.
        if i + 1 < len(ids) and ids[i] == left and ids[i + 1] == right:
            result.append(new_id)
            # Jump over both halves, so that pairs cannot overlap (a a a becomes X a).
            i += 2
        else:
            result.append(ids[i])
            i += 1
    return result


def word_to_ids(word):
    # Iterating over bytes gives whole numbers from 0 to 255.
    return [b + BYTE_OFFSET for b in word.encode("utf-8")]


class BPETokenizer:
    def __init__(self, merges=()):
        # A copy: changing the caller's list later does not change the tokenizer.
        self.merges = [tuple(pair) for pair in merges]
        # A list position is an id: special tokens, then the 256 single bytes.
        self.vocab = SPECIAL_TOKENS + [bytes([b]) for b in range(256)]
        # pair -> new id; a smaller id was learned earlier (encode uses this).
        self.merge_ids = {}
        for new_id, (left, right) in enumerate(self.merges, start=FIRST_MERGE_ID):
            # Both halves are already in vocab, because they are older than this merge.
            self.vocab.append(self.vocab[left] + self.vocab[right])
            # setdefault: if a pair is listed twice, the first one counts.
            self.merge_ids.setdefault((left, right), new_id)
        self.vocab_size = len(self.vocab)

    def decode(self, ids):
        parts = []
        for token_id in ids:
            # Without this check, -1 would quietly give the last token.
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(f"id does not exist: {token_id}")
            parts.append(self.vocab[token_id])
        # Join first, then decode; broken UTF-8 becomes the replacement character.
        return b"".join(parts).decode("utf-8", errors="replace")

    @classmethod
    def train(cls, text, vocab_size):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        if vocab_size < FIRST_MERGE_ID:
            raise ValueError(f"vocab_size must be at least {FIRST_MERGE_ID}")
        # Each different word once, together with how often it comes.
        word_counts = Counter(PIECES.findall(text))
        words = [(word_to_ids(word), times) for word, times in word_counts.items()]
        merges = []
        # One round for each new id.
        for new_id in range(FIRST_MERGE_ID, vocab_size):
            counts = Counter()
            for ids, times in words:
                # Neighbours inside one word only, so no pair crosses a word border.
                for pair in zip(ids, ids[1:]):
                    # A pair in a word that comes 50 times counts 50 times.
                    counts[pair] += times
            # Every word is a single id by now: there is nothing left to merge.
            if not counts:
                break
            # Highest count first; on a tie, the smallest pair.
            best = min(counts, key=lambda pair: (-counts[pair], pair))
            merges.append(best)
            words = [(merge(ids, best, new_id), times) for ids, times in words]
        return cls(merges)

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        result = []
        for word in PIECES.findall(text):
            ids = word_to_ids(word)
            while True:
                # Only the pairs of this word that were learned.
                known = [pair for pair in zip(ids, ids[1:]) if pair in self.merge_ids]
                if not known:
                    break
                # The smallest new id belongs to the pair that was learned first.
                first = min(known, key=self.merge_ids.__getitem__)
                ids = merge(ids, first, self.merge_ids[first])
            result.extend(ids)
        return result

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            # JSON has no tuples, so each (a, b) is written as [a, b].
            json.dump({"merges": self.merges}, file)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            try:
                data = json.load(file)
            # Bad JSON and bad UTF-8 are ValueErrors; extreme nesting is a RecursionError.
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{path} is not valid JSON") from error
        # The JSON may also be a list or a number, which has no .get().
        merges = data.get("merges") if isinstance(data, dict) else None
        if not isinstance(merges, list):
            raise ValueError(f'{path} has no list "merges"')
        # new_id is the id this merge will get, so only ids below it exist yet.
        for new_id, pair in enumerate(merges, start=FIRST_MERGE_ID):
            if not isinstance(pair, list) or len(pair) != 2:
                raise ValueError(f"merge for id {new_id} is not a pair: {pair!r}")
            for half in pair:
                # type(...) is int, because isinstance would let true and false pass.
                if type(half) is not int or not 0 <= half < new_id:
                    raise ValueError(f"merge for id {new_id} has a bad id: {half!r}")
        # __init__ makes tuples again out of the lists.
        return cls(merges)
