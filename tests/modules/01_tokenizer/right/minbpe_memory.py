# Style: the structure of Karpathy's minbpe from memory (base Tokenizer, train, special tokens).
"""
Minimal character-level tokenizer. It follows the BPE ones, but it has no merges:
- base Tokenizer class holds the tables and builds the vocab
- CharTokenizer is trained on one text
"""


class Tokenizer:
    """Base class for Tokenizers"""

    def __init__(self):
        # default: no characters, no special tokens
        self.stoi = {}  # str -> int
        self.itos = {}  # int -> str
        self.special_tokens = {}  # str -> int, e.g. {'<eos>': 2}
        self.inverse_special_tokens = {}

    def train(self, text, verbose=False):
        raise NotImplementedError

    def encode(self, text):
        raise NotImplementedError

    def decode(self, ids):
        raise NotImplementedError

    def register_special_tokens(self, special_tokens):
        # special_tokens is a dictionary of str -> int
        self.special_tokens = special_tokens
        self.inverse_special_tokens = {v: k for k, v in special_tokens.items()}

    def _build_vocab(self):
        # vocab is simply and deterministically derived from the two tables
        table = dict(self.inverse_special_tokens)
        table.update(self.itos)
        return [table[idx] for idx in range(len(table))]


class CharTokenizer(Tokenizer):
    def __init__(self, text):
        super().__init__()
        self.register_special_tokens({"<pad>": 0, "<unk>": 1, "<eos>": 2})
        self.train(text)

    def train(self, text, verbose=False):
        idx = len(self.special_tokens)  # the characters come after the special tokens
        for ch in text:
            if ch not in self.stoi:
                # mint a new token: assign it the next available id
                self.stoi[ch] = idx
                if verbose:
                    print(f"{ch!r} -> {idx}")
                idx += 1
        self.itos = {i: ch for ch, i in self.stoi.items()}

        # save class variables
        self.vocab = self._build_vocab()  # used in decode()
        self.vocab_size = len(self.vocab)

    def encode(self, text):
        # given a string text, return the token ids
        unk = self.special_tokens["<unk>"]
        ids = [self.stoi.get(ch, unk) for ch in text]
        return ids

    def decode(self, ids):
        # given ids (any iterable of integers), return Python string
        part_chars = []
        for idx in ids:
            if idx in self.itos:
                part_chars.append(self.itos[idx])
            elif idx in self.inverse_special_tokens:
                part_chars.append(self.inverse_special_tokens[idx])
            else:
                raise ValueError(f"invalid token id: {idx}")
        text = "".join(part_chars)
        return text
