"""One list and its index method; a range knows which ids exist."""


class CharTokenizer:
    """Turns text into numbers and back, one character at a time."""

    special_tokens = ["<pad>", "<unk>", "<eos>"]

    def __init__(self, text: str):
        self.vocab = self.special_tokens.copy()
        for ch in text:
            try:
                self.vocab.index(ch)
            except ValueError:
                self.vocab.append(ch)
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list:
        tokens = []
        for ch in text:
            if ch in self.vocab:
                tokens.append(self.vocab.index(ch))
            else:
                tokens.append(self.vocab.index("<unk>"))
        return tokens

    def decode(self, ids) -> str:
        legal = range(self.vocab_size)
        # range.index raises ValueError for whatever is not in the range
        return "".join([self.vocab[legal.index(token)] for token in ids])
