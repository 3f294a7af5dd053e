# Style: somebody who comes from Java. A class for everything, getters, builders.
import json
import re
from typing import Dict, Iterable, List, Optional, Tuple


class SpecialTokens:
    PAD = b"<pad>"
    UNK = b"<unk>"
    EOS = b"<eos>"

    @staticmethod
    def all() -> List[bytes]:
        return [SpecialTokens.PAD, SpecialTokens.UNK, SpecialTokens.EOS]


class Word:
    def __init__(self, symbols: List[int], frequency: int):
        self._symbols = symbols
        self._frequency = frequency

    def getSymbols(self) -> List[int]:
        return self._symbols

    def getFrequency(self) -> int:
        return self._frequency

    def getPairs(self) -> List[Tuple[int, int]]:
        return [(self._symbols[i], self._symbols[i + 1]) for i in range(len(self._symbols) - 1)]

    def replacePair(self, first: int, second: int, replacement: int) -> None:
        position = 0
        while position < len(self._symbols) - 1:
            if self._symbols[position] == first and self._symbols[position + 1] == second:
                self._symbols[position] = replacement
                del self._symbols[position + 1]
            position += 1


class WordFactory:
    _PATTERN = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
    OFFSET = len(SpecialTokens.all())

    @classmethod
    def createSymbols(cls, piece: str) -> List[int]:
        return [cls.OFFSET + value for value in piece.encode("utf-8")]

    @classmethod
    def split(cls, text: str) -> List[str]:
        if not isinstance(text, str):
            raise TypeError("Expected a str but was " + type(text).__name__)
        return cls._PATTERN.findall(text)

    @classmethod
    def createWords(cls, text: str) -> List[Word]:
        frequencies: Dict[str, int] = {}
        for piece in cls.split(text):
            frequencies[piece] = frequencies.get(piece, 0) + 1
        return [Word(cls.createSymbols(piece), n) for piece, n in frequencies.items()]


class PairStatistics:
    def __init__(self, words: List[Word]):
        self._frequencies: Dict[Tuple[int, int], int] = {}
        for word in words:
            for pair in word.getPairs():
                previous = self._frequencies.get(pair, 0)
                self._frequencies[pair] = previous + word.getFrequency()

    def getWinner(self) -> Optional[Tuple[int, int]]:
        winner = None
        for pair, frequency in self._frequencies.items():
            if winner is None or self._isBetter(pair, frequency, winner):
                winner = pair
        return winner

    def _isBetter(self, pair, frequency, winner) -> bool:
        if frequency != self._frequencies[winner]:
            return frequency > self._frequencies[winner]
        return pair < winner


class TokenizerTrainer:
    def __init__(self, words: List[Word], firstMergeId: int):
        self._words = words
        self._nextId = firstMergeId
        self._merges: List[Tuple[int, int]] = []

    def step(self) -> bool:
        winner = PairStatistics(self._words).getWinner()
        if winner is None:
            return False
        for word in self._words:
            word.replacePair(winner[0], winner[1], self._nextId)
        self._merges.append(winner)
        self._nextId += 1
        return True

    def run(self, vocabularySize: int) -> List[Tuple[int, int]]:
        while self._nextId < vocabularySize and self.step():
            pass
        return self._merges


class MergeFile:
    def __init__(self, path):
        self._path = path

    def write(self, merges) -> None:
        with open(self._path, "w", encoding="utf-8") as stream:
            stream.write(json.dumps({"merges": [list(pair) for pair in merges]}, indent=2))

    def read(self) -> List[Tuple[int, int]]:
        with open(self._path, "r", encoding="utf-8") as stream:
            document = json.loads(stream.read())
        if not isinstance(document, dict) or not isinstance(document.get("merges"), list):
            raise ValueError("The file does not contain a list of merges")
        merges: List[Tuple[int, int]] = []
        for entry in document["merges"]:
            self._validate(entry, BPETokenizer.FIRST_MERGE_ID + len(merges))
            merges.append((entry[0], entry[1]))
        return merges

    @staticmethod
    def _validate(entry, upperBound: int) -> None:
        if not isinstance(entry, list) or len(entry) != 2:
            raise ValueError("A merge must be a pair")
        for value in entry:
            if not isinstance(value, int):
                raise ValueError("A merge must hold integers")
            if not (0 <= value < upperBound):
                raise ValueError("A merge must only use known ids")


class BPETokenizer:
    FIRST_MERGE_ID = WordFactory.OFFSET + 256

    def __init__(self, merges: Iterable[Tuple[int, int]] = ()):
        self._merges = list(merges)
        self._vocab = SpecialTokens.all()
        for value in range(256):
            self._vocab.append(bytes([value]))
        for first, second in self._merges:
            self._vocab.append(self._vocab[first] + self._vocab[second])

    @property
    def merges(self) -> List[Tuple[int, int]]:
        return self._merges

    @property
    def vocab(self) -> List[bytes]:
        return self._vocab

    @property
    def vocab_size(self) -> int:
        return len(self._vocab)

    @classmethod
    def train(cls, text: str, vocab_size: int) -> "BPETokenizer":
        if vocab_size < cls.FIRST_MERGE_ID:
            raise ValueError("vocab_size must not be smaller than " + str(cls.FIRST_MERGE_ID))
        trainer = TokenizerTrainer(WordFactory.createWords(text), cls.FIRST_MERGE_ID)
        return cls(trainer.run(vocab_size))

    def encode(self, text: str) -> List[int]:
        output: List[int] = []
        for piece in WordFactory.split(text):
            word = Word(WordFactory.createSymbols(piece), 1)
            for index, (first, second) in enumerate(self._merges):
                word.replacePair(first, second, self.FIRST_MERGE_ID + index)
            output.extend(word.getSymbols())
        return output

    def decode(self, ids: Iterable[int]) -> str:
        buffer = bytearray()
        for tokenId in ids:
            if tokenId < 0 or tokenId >= self.vocab_size:
                raise ValueError("Unknown token id: " + str(tokenId))
            buffer.extend(self._vocab[tokenId])
        return buffer.decode("utf-8", "replace")

    def save(self, path) -> None:
        MergeFile(path).write(self._merges)

    @classmethod
    def load(cls, path) -> "BPETokenizer":
        return cls(MergeFile(path).read())
