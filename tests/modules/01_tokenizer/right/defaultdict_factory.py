"""A defaultdict hands out the next free id by itself, and is locked once the text is read."""

from collections import defaultdict


class CharTokenizer:
    SPECIAL_TOKENS = ("<pad>", "<unk>", "<eos>")

    def __init__(self, text):
        index = defaultdict()
        index.default_factory = index.__len__
        for token in self.SPECIAL_TOKENS:
            index[token]
        for glyph in text:
            index[glyph]
        index.default_factory = None
        self.index = index
        self.vocab = list(index)
        self.vocab_size = len(index)

    def encode(self, text):
        answer = []
        for glyph in text:
            try:
                answer.append(self.index[glyph])
            except KeyError:
                answer.append(self.index["<unk>"])
        return answer

    def decode(self, ids):
        names = dict(enumerate(self.vocab))
        try:
            return "".join([names[number] for number in ids])
        except KeyError as missing:
            raise ValueError(f"no token has the id {missing}") from missing
