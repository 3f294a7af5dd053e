"""Terse: as few lines as an expert cares to write."""

SPECIAL = "<pad> <unk> <eos>".split()


class CharTokenizer:
    def __init__(self, text):
        self.vocab = [*SPECIAL, *dict.fromkeys(text)]
        self.vocab_size = len(self.vocab)
        self.ids = dict(map(reversed, enumerate(self.vocab)))

    def encode(self, text):
        return [self.ids.get(c, 1) for c in text]

    def decode(self, ids):
        ids = [*ids]
        if bad := {*ids} - {*range(self.vocab_size)}:
            raise ValueError(f"no such ids: {sorted(bad)}")
        return "".join(self.vocab[i] for i in ids)
