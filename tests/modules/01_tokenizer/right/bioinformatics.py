"""Recode a sequence (here: a text) over its own alphabet, the way one recodes residues.

The reserved codes play the usual parts: 0 the gap, 1 the ambiguous symbol, 2 the stop.
"""

GAP, AMBIGUOUS, STOP = 0, 1, 2
RESERVED_SYMBOLS = ("<pad>", "<unk>", "<eos>")


class SubstitutionTable(dict):
    """A table for str.translate. A symbol that is not in the alphabet is ambiguous."""

    def __missing__(self, symbol):
        return AMBIGUOUS


class CharTokenizer:
    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError("a sequence must be given as str")
        # scan the sequence once, and extend the alphabet at each new symbol
        self.vocab = list(RESERVED_SYMBOLS)
        self._table = SubstitutionTable()
        for symbol in text:
            if ord(symbol) not in self._table:
                self._table[ord(symbol)] = len(self.vocab)
                self.vocab.append(symbol)
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError("a sequence must be given as str")
        # substitute every symbol by the character whose code point is the id
        recoded = text.translate(self._table)
        # read these code points off
        codes = [ord(c) for c in recoded]  # PREDICT: what is here for "hello"?
        return codes

    def decode(self, ids) -> str:
        # the inverse: from codes to symbols
        sequence = []
        valid = range(self.vocab_size)
        for code in ids:
            if code not in valid:
                raise ValueError(f"code {code} at position {len(sequence) + 1} has no symbol")
            sequence.append(self.vocab[code])
        return "".join(sequence)
