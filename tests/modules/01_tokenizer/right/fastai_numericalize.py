# style: fast.ai, a Vocab that is a dict with __missing__, and a Transform with setups/encodes/decodes
from functools import reduce

PAD, UNK, EOS = '<pad>', '<unk>', '<eos>'
defaults_special_toks = (PAD, UNK, EOS)

def uniqueify(x): return list(dict.fromkeys(x))
def compose(*fs): return lambda x: reduce(lambda acc, f: f(acc), fs, x)
def itos2stoi(vocab): return {o: i for i, o in enumerate(vocab)}

class O2I(dict):
    "Object to index; what is missing is `unk`"
    def __init__(self, vocab, unk=UNK):
        super().__init__(itos2stoi(vocab))
        self.unk = unk
    def __missing__(self, o): return self[self.unk]

class Transform:
    def encode(self, x): return self.encodes(x)
    def decode(self, x): return self.decodes(x)

class CharTokenizer(Transform):
    "Reversible transform of a text to a list of ids"
    def __init__(self, text, special_toks=defaults_special_toks):
        self.special_toks = list(special_toks)
        self.setups(text)

    def setups(self, dsets):
        self.vocab = self.special_toks + uniqueify(dsets)
        self.o2i = O2I(self.vocab)
        self.show = compose(self._check, self.vocab.__getitem__)

    @property
    def vocab_size(self): return len(self.vocab)

    def _check(self, i):
        if not 0 <= i < len(self.vocab): raise ValueError(f'{i} is not an index of the vocab')
        return i

    def encodes(self, x): return [self.o2i[o] for o in x]
    def decodes(self, x): return ''.join(self.show(o) for o in x)
