# Someone who likes Python's hooks: a dict with __missing__, __call__, StringIO as the output.
from io import StringIO


class Numbering(dict):
    """Numbers its keys as they arrive, until it is frozen."""

    frozen = False

    def __missing__(self, key):
        if self.frozen:
            return self["<unk>"]
        self[key] = len(self)
        return self[key]

    def feed(self, keys):
        for key in keys:
            self[key]
        return self

    def freeze(self):
        self.frozen = True
        return self


class Speller:
    """The way back: ids are written to a text buffer."""

    def __init__(self, tokens):
        self.tokens = tokens

    def __call__(self, ids):
        buffer = StringIO()
        for i in ids:
            if i < 0:
                raise ValueError(f"{i} is negative")
            try:
                buffer.write(self.tokens[i])
            except IndexError:
                raise ValueError(f"{i} is not below {len(self.tokens)}") from None
        return buffer.getvalue()


class CharTokenizer:
    def __init__(self, text):
        numbering = Numbering()
        numbering.feed(["<pad>", "<unk>", "<eos>"])
        numbering.feed(text)
        self._number = numbering.freeze()
        self.vocab = [*numbering]
        self._spell = Speller(self.vocab)

    def __len__(self):
        return len(self.vocab)

    vocab_size = property(__len__)

    def encode(self, text):
        return list(map(self._number.__getitem__, text))

    def decode(self, ids):
        return self._spell(ids)
