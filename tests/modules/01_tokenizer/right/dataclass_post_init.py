"""A dataclass: the caller gives the text, and __post_init__ fills in the other fields."""

from dataclasses import dataclass, field


@dataclass
class CharTokenizer:
    text: str
    vocab: list = field(init=False, repr=False)
    vocab_size: int = field(init=False)
    lookup: dict = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self):
        self.vocab = ["<pad>", "<unk>", "<eos>"]
        for symbol in self.text:
            self.lookup.setdefault(symbol, 3 + len(self.lookup))
        self.vocab += self.lookup
        self.vocab_size = 3 + len(self.lookup)

    def encode(self, text):
        result = []
        for symbol in text:
            known = symbol in self.lookup
            result.append(self.lookup[symbol] if known else self.vocab.index("<unk>"))
        return result

    def decode(self, ids):
        words = ""
        for number in ids:
            if number < 0 or number > self.vocab_size - 1:
                raise ValueError("%r is no id of this tokenizer" % number)
            words += self.vocab[number]
        return words
