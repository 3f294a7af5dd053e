# Style: functional and short, itertools and partial, hardly a loop to be seen.
from functools import partial
from itertools import chain, count

SPECIALS = ("<pad>", "<unk>", "<eos>")


def unique(items):
    seen = set()
    return [x for x in items if not (x in seen or seen.add(x))]


def token_at(vocab, i):
    if i not in range(len(vocab)):
        raise ValueError(f"no token has id {i}")
    return vocab[i]


class CharTokenizer:
    def __init__(self, text):
        self.vocab = list(chain(SPECIALS, unique(text)))
        self.vocab_size = len(self.vocab)
        index = dict(zip(self.vocab, count()))
        unk = SPECIALS.index("<unk>")
        self._id_of = lambda ch: index.get(ch, unk)
        self._token_of = partial(token_at, self.vocab)

    def encode(self, text):
        return list(map(self._id_of, text))

    def decode(self, ids):
        return "".join(map(self._token_of, ids))
