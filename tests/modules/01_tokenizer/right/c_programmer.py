# A C programmer: counters, a lookup table indexed by code point, buffers filled by hand.
PAD_ID = 0
UNK_ID = 1
EOS_ID = 2
N_SPECIAL = 3
MAX_CODE = 0x110000
EMPTY = 0


class CharTokenizer:
    def __init__(self, text):
        self.table = bytearray(4 * MAX_CODE)  # four bytes for each code point, 0 = not seen
        self.vocab = [""] * N_SPECIAL
        self.vocab[PAD_ID] = "<pad>"
        self.vocab[UNK_ID] = "<unk>"
        self.vocab[EOS_ID] = "<eos>"
        n = N_SPECIAL
        i = 0
        length = len(text)
        while i < length:
            ch = text[i]
            if self.peek(ord(ch)) == EMPTY:
                self.poke(ord(ch), n)
                self.vocab.append(ch)
                n += 1
            i += 1
        self.vocab_size = n

    def peek(self, code):
        at = 4 * code
        return int.from_bytes(self.table[at : at + 4], "little")

    def poke(self, code, value):
        at = 4 * code
        self.table[at : at + 4] = value.to_bytes(4, "little")

    def encode(self, text):
        out = [UNK_ID] * len(text)
        i = 0
        for ch in text:
            found = self.peek(ord(ch))
            if found != EMPTY:
                out[i] = found
            i += 1
        return out

    def decode(self, ids):
        buf = ""
        for n in ids:
            if n < 0:
                raise ValueError("id %d: below zero" % n)
            if n >= self.vocab_size:
                raise ValueError("id %d: too big" % n)
            buf += self.vocab[n]
        return buf
