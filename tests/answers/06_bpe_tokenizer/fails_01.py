# Style: a beginner. Loops with indexes, one step a line, no comprehension.
import json
import re

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def count_pairs(words):
    counts = {}
    for word in words:
        for i in range(len(word) - 1):
            pair = (word[i], word[i + 1])
            if pair in counts:
                counts[pair] = counts[pair] + 1
            else:
                counts[pair] = 1
    return counts


def find_best(counts):
    best_pair = None
    best_count = 0
    for pair in counts:
        count = counts[pair]
        if count > best_count:
            best_pair = pair
            best_count = count
        elif count == best_count:
            if pair < best_pair:
                best_pair = pair
    return best_pair


def merge_word(word, pair, new_id):
    result = []
    i = 0
    while i < len(word):
        if i + 1 < len(word):
            if word[i] == pair[0] and word[i + 1] == pair[1]:
                result.append(new_id)
                i = i + 2
                continue
        result.append(word[i])
        i = i + 1
    return result


def to_ids(piece):
    ids = []
    for byte in piece.encode("utf-8"):
        ids.append(byte + 3)
    return ids


class BPETokenizer:
    def __init__(self, merges=()):
        self.merges = []
        for pair in merges:
            self.merges.append((pair[0], pair[1]))
        self.vocab = []
        self.vocab.append(b"<pad>")
        self.vocab.append(b"<unk>")
        self.vocab.append(b"<eos>")
        for value in range(256):
            self.vocab.append(bytes([value]))
        for pair in self.merges:
            first = self.vocab[pair[0]]
            second = self.vocab[pair[1]]
            self.vocab.append(first + second)
        self.vocab_size = len(self.vocab)

    @classmethod
    def train(cls, text, vocab_size):
        if type(text) != str:
            raise TypeError("text has to be a string")
        if vocab_size < 259:
            raise ValueError("vocab_size has to be 259 or more")
        words = []
        for piece in PIECES.findall(text):
            words.append(to_ids(piece))
        merges = []
        new_id = 259
        while new_id < vocab_size:
            counts = count_pairs(words)
            if len(counts) == 0:
                break
            pair = find_best(counts)
            for i in range(len(words)):
                words[i] = merge_word(words[i], pair, new_id)
            merges.append(pair)
            new_id = new_id + 1
        return cls(merges)

    def encode(self, text):
        if type(text) != str:
            raise TypeError("text has to be a string")
        result = []
        for piece in PIECES.findall(text):
            ids = to_ids(piece)
            new_id = 259
            for pair in self.merges:
                ids = merge_word(ids, pair, new_id)
                new_id = new_id + 1
            for number in ids:
                result.append(number)
        return result

    def decode(self, ids):
        data = b""
        for number in ids:
            if number < 0:
                raise ValueError("ids are never negative")
            if number >= self.vocab_size:
                raise ValueError("there is no such id")
            data = data + self.vocab[number]
        return data.decode("utf-8", errors="replace")

    def save(self, path):
        pairs = []
        for pair in self.merges:
            pairs.append([pair[0], pair[1]])
        file = open(path, "w", encoding="utf-8")
        json.dump({"merges": pairs}, file)
        file.close()

    @classmethod
    def load(cls, path):
        file = open(path, "r", encoding="utf-8")
        try:
            content = json.load(file)
        finally:
            file.close()
        if type(content) != dict:
            raise ValueError("the file holds no dictionary")
        if "merges" not in content:
            raise ValueError("the file has no merges")
        pairs = content["merges"]
        if type(pairs) != list:
            raise ValueError("the merges are no list")
        merges = []
        limit = 259
        for pair in pairs:
            if type(pair) != list:
                raise ValueError("a merge is no list")
            if len(pair) != 2:
                raise ValueError("a merge does not have two ids")
            for number in pair:
                if type(number) != int:
                    raise ValueError("an id is no whole number")
                if number < 0 or number >= limit:
                    raise ValueError("an id does not exist yet")
            merges.append((pair[0], pair[1]))
            limit = limit + 1
        return cls(merges)
