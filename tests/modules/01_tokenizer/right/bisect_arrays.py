# tokenizer.py - no dict at all, two parallel arrays and binary search
import bisect

PAD, UNK, EOS = 0, 1, 2


class CharTokenizer:
    def __init__(self, text: str):
        self.vocab = ["<pad>", "<unk>", "<eos>"]
        self.ks = []  # the characters, always sorted
        self.vs = []  # vs[j] is the id of ks[j]
        for c in text:
            j = bisect.bisect_left(self.ks, c)
            if j < len(self.ks) and self.ks[j] == c:
                continue
            # new character: make room for it at place j
            self.ks.insert(j, c)
            self.vs.insert(j, len(self.vocab))
            self.vocab.append(c)
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        n = len(self.ks)
        out = []
        for c in text:
            # O(log n) search
            j = bisect.bisect_left(self.ks, c)
            hit = j < n and self.ks[j] == c
            k = self.vs[j] if hit else UNK
            out.append(k)  # PREDICT: what is here for "hello"?
        return out

    def decode(self, ids) -> str:
        out = []
        for k in ids:
            if k < 0 or k >= self.vocab_size:
                raise ValueError("bad id %r, want 0..%d" % (k, self.vocab_size - 1))
            out.append(self.vocab[k])
        return "".join(out)
