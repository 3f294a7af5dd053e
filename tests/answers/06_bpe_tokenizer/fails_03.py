# Style: OpenAI's encoder.py of GPT-2 (get_pairs, bpe, a cache), with a trainer as in subword-nmt.
import json
import re
from collections import defaultdict


def get_pairs(word):
    """Return set of symbol pairs in a word. Word is represented as tuple of symbols."""
    pairs = set()
    prev_char = word[0]
    for char in word[1:]:
        pairs.add((prev_char, char))
        prev_char = char
    return pairs


def get_pair_statistics(vocab):
    stats = defaultdict(int)
    for word, freq in vocab:
        prev = word[0]
        for char in word[1:]:
            stats[prev, char] += freq
            prev = char
    return stats


class BPETokenizer:
    def __init__(self, merges=()):
        self.errors = "replace"
        self.pat = re.compile(
            r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+"
        )
        self.byte_encoder = {b: b + 3 for b in range(256)}
        self.merges = list(merges)
        self.bpe_ranks = dict(zip(self.merges, range(len(self.merges))))
        self.decoder = {0: b"<pad>", 1: b"<unk>", 2: b"<eos>"}
        for b in range(256):
            self.decoder[self.byte_encoder[b]] = bytes([b])
        for first, second in self.merges:
            self.decoder[len(self.decoder)] = self.decoder[first] + self.decoder[second]
        self.cache = {}

    @property
    def vocab(self):
        return list(self.decoder.values())

    @property
    def vocab_size(self):
        return len(self.decoder)

    @classmethod
    def train(cls, text, vocab_size):
        blank = cls()
        if not isinstance(text, str):
            raise TypeError("text must be str")
        if vocab_size < blank.vocab_size:
            raise ValueError("vocab_size is too small")
        freqs = defaultdict(int)
        for token in re.findall(blank.pat, text):
            freqs[tuple(blank.byte_encoder[b] for b in token.encode("utf-8"))] += 1
        vocab = list(freqs.items())
        merges = []
        for i in range(vocab_size - blank.vocab_size):
            stats = get_pair_statistics(vocab)
            if not stats:
                break
            highest = max(stats.values())
            candidates = [pair for pair, freq in stats.items() if freq == highest]
            bigram = min(candidates)
            vocab = [(cls.replace(word, bigram, 259 + i), freq) for word, freq in vocab]
            merges.append(bigram)
        return cls(merges)

    @staticmethod
    def replace(word, bigram, new_symbol):
        first, second = bigram
        new_word = []
        i = 0
        while i < len(word):
            try:
                j = word.index(first, i)
                new_word.extend(word[i:j])
                i = j
            except ValueError:
                new_word.extend(word[i:])
                break

            if word[i] == first and i < len(word) - 1 and word[i + 1] == second:
                new_word.append(new_symbol)
                i += 2
            else:
                new_word.append(word[i])
                i += 1
        return tuple(new_word)

    def bpe(self, token):
        if token in self.cache:
            return self.cache[token]
        word = tuple(token)
        pairs = get_pairs(word)
        while pairs:
            bigram = min(pairs, key=lambda pair: self.bpe_ranks.get(pair, float("inf")))
            if bigram not in self.bpe_ranks:
                break
            word = self.replace(word, bigram, 259 + self.bpe_ranks[bigram])
            if len(word) == 1:
                break
            pairs = get_pairs(word)
        self.cache[token] = word
        return word

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text must be str")
        bpe_tokens = []
        for token in re.findall(self.pat, text):
            token = tuple(self.byte_encoder[b] for b in token.encode("utf-8"))
            bpe_tokens.extend(self.bpe(token))
        return bpe_tokens

    def decode(self, tokens):
        try:
            data = b"".join([self.decoder[token] for token in tokens])
        except KeyError as error:
            raise ValueError(f"unknown token {error}") from None
        return data.decode("utf-8", errors=self.errors)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            f.write(json.dumps({"merges": self.merges}, ensure_ascii=False))

    @classmethod
    def load(cls, path):
        with open(path, "r", encoding="utf-8") as f:
            data = json.load(f)
        if type(data) is not dict or type(data.get("merges")) is not list:
            raise ValueError("merges are missing")
        merges = []
        for row in data["merges"]:
            exists = range(259 + len(merges))
            if type(row) is not list or len(row) != 2 or any(x not in exists for x in row):
                raise ValueError(f"bad merge: {row}")
            merges.append(tuple(row))
        return cls(merges)
