"""str.translate does the work: each character turns into the one whose code point is its id."""


class Codebook(dict):
    """What str.maketrans made, with an answer for all the other characters."""

    def __missing__(self, code_point):
        return 1


class CharTokenizer:
    def __init__(self, text):
        alphabet = "".join(c for n, c in enumerate(text) if text.find(c) == n)
        self.vocab = ["<pad>", "<unk>", "<eos>", *alphabet]
        self.vocab_size = 3 + len(alphabet)
        codes = "".join(map(chr, range(3, self.vocab_size)))
        self._codebook = Codebook(str.maketrans(alphabet, codes))
        self._names = dict(zip(range(self.vocab_size), self.vocab))

    def encode(self, text):
        coded = text.translate(self._codebook)
        return [ord(c) for c in coded]

    def decode(self, ids):
        names = [self._names.get(number) for number in ids]
        if None in names:
            raise ValueError(f"number {names.index(None)} of the ids does not exist")
        return "".join(names)
