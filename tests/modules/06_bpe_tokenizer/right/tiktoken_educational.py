# Style: tiktoken's _educational.py. Tokens are bytes, a rank for each, ids only at the borders.
import json
import re
from collections import Counter

PAT = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
SPECIAL = [b"<pad>", b"<unk>", b"<eos>"]


def bpe_train(data, vocab_size):
    """Return the merges as pairs of bytes."""
    ranks = {bytes([i]): 3 + i for i in range(256)}
    # Splinter up our data into lists of bytes
    words = [[bytes([b]) for b in word.encode("utf-8")] for word in PAT.findall(data)]
    merges = []
    while len(ranks) + len(SPECIAL) < vocab_size:
        # Find the most common pair. This will become our next token
        stats = Counter()
        for piece in words:
            for pair in zip(piece[:-1], piece[1:]):
                stats[pair] += 1
        if not stats:
            break
        pair = min(stats, key=lambda p: (-stats[p], ranks[p[0]], ranks[p[1]]))
        token_bytes = pair[0] + pair[1]
        ranks[token_bytes] = len(ranks) + len(SPECIAL)
        merges.append((ranks[pair[0]], ranks[pair[1]]))
        # Now merge that most common pair in all the words
        new_words = []
        for word in words:
            new_word = []
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == pair:
                    new_word.append(token_bytes)
                    i += 2
                else:
                    new_word.append(word[i])
                    i += 1
            if i == len(word) - 1:
                new_word.append(word[i])
            new_words.append(new_word)
        words = new_words
    return merges


def bpe_encode(pair_ranks, ids):
    parts = list(ids)
    while True:
        # Iterate over all pairs and find the pair we want to merge the most
        min_idx = None
        min_rank = None
        for i, pair in enumerate(zip(parts[:-1], parts[1:])):
            rank = pair_ranks.get(pair)
            if rank is not None and (min_rank is None or rank < min_rank):
                min_idx = i
                min_rank = rank
        # If there were no pairs we could merge, we're done!
        if min_rank is None:
            break
        # Otherwise, merge that pair and leave the rest unchanged
        parts = parts[:min_idx] + [min_rank] + parts[min_idx + 2 :]
    return parts


class BPETokenizer:
    def __init__(self, merges=()):
        self.merges = list(merges)
        self.vocab = SPECIAL + [bytes([i]) for i in range(256)]
        for a, b in self.merges:
            self.vocab += [self.vocab[a] + self.vocab[b]]
        self._pair_ranks = {pair: 259 + i for i, pair in enumerate(self.merges)}

    @property
    def vocab_size(self):
        return len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        if vocab_size < 2**8 + len(SPECIAL):
            raise ValueError("vocab_size must be at least 259, so we can encode all bytes")
        if not isinstance(text, str):
            raise TypeError("text must be a string")
        return cls(bpe_train(text, vocab_size))

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text must be a string")
        tokens = []
        for word in PAT.findall(text):
            word_tokens = bpe_encode(self._pair_ranks, [b + 3 for b in word.encode("utf-8")])
            tokens.extend(word_tokens)
        return tokens

    def decode_bytes(self, tokens):
        return b"".join(self._token_bytes(token) for token in tokens)

    def _token_bytes(self, token):
        if token < 0:
            raise ValueError(f"{token} is negative")
        if token >= self.vocab_size:
            raise ValueError(f"{token} is not in the vocabulary")
        return self.vocab[token]

    def decode(self, ids):
        return self.decode_bytes(ids).decode("utf-8", errors="replace")

    def save(self, path):
        with open(path, "wb") as f:
            f.write(json.dumps({"merges": self.merges}).encode())

    @classmethod
    def load(cls, path):
        with open(path, "rb") as f:
            contents = f.read()
        try:
            merges = json.loads(contents)["merges"]
            for rank, (a, b) in enumerate(merges):
                if not (0 <= a < 259 + rank and 0 <= b < 259 + rank):
                    raise ValueError(f"merge {rank} comes too early")
        except (KeyError, TypeError) as e:
            raise ValueError(f"{path} holds no merges") from e
        return cls([tuple(m) for m in merges])
