"""Two dictionaries, stoi and itos, the way many lecture notes do it."""


class CharTokenizer:
    def __init__(self, text):
        chars = []
        for ch in text:
            if ch not in chars:
                chars.append(ch)
        self.vocab = ["<pad>", "<unk>", "<eos>"] + chars
        self.vocab_size = len(self.vocab)
        self.stoi = {s: i for i, s in enumerate(self.vocab)}
        self.itos = {i: s for i, s in enumerate(self.vocab)}

    def encode(self, text):
        unk = self.stoi["<unk>"]
        return [self.stoi.get(c, unk) for c in text]

    def decode(self, ids):
        out = []
        for i in ids:
            if i not in self.itos:
                raise ValueError(f"id {i} is not in the vocabulary")
            out.append(self.itos[i])
        return "".join(out)
