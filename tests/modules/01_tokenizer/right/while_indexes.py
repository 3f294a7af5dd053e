# Old school: index variables and while loops, a linear search, no dictionary at all.


class CharTokenizer:
    def __init__(self, text):
        self.vocab = ["<pad>", "<unk>", "<eos>"]
        i = 0
        while i < len(text):
            if self.find(text[i]) == -1:
                self.vocab.append(text[i])
            i += 1
        self.vocab_size = len(self.vocab)

    def find(self, c):
        k = 3
        while k < len(self.vocab):
            if self.vocab[k] == c:
                return k
            k += 1
        return -1

    def encode(self, text):
        codes = [1] * len(text)
        j = 0
        while j < len(text):
            k = self.find(text[j])
            if k != -1:
                codes[j] = k
            j += 1
        return codes

    def decode(self, ids):
        s = ""
        ids = list(ids)
        n = 0
        while n < len(ids):
            if ids[n] < 0 or ids[n] >= len(self.vocab):
                raise ValueError("no such id: %d" % ids[n])
            s += self.vocab[ids[n]]
            n += 1
        return s
