# The structure of torchtext's Vocab (default index, lookups, builder), written from memory.
from collections.abc import Iterable, Iterator


class Vocab:
    def __init__(self):
        self.itos = []
        self.stoi = {}
        self.default_index = None

    def __len__(self):
        return len(self.itos)

    def __contains__(self, token):
        return token in self.stoi

    def __getitem__(self, token):
        if token in self.stoi:
            return self.stoi[token]
        if self.default_index is None:
            raise RuntimeError(f"{token!r} is not in the vocab and there is no default index")
        return self.default_index

    def append_token(self, token):
        if token in self:
            raise RuntimeError(f"{token!r} is already in the vocab")
        self.stoi[token] = len(self.itos)
        self.itos.append(token)

    def set_default_index(self, index):
        self.default_index = index

    def lookup_indices(self, tokens):
        return [self[token] for token in tokens]

    def lookup_token(self, index):
        if index not in range(len(self)):
            raise ValueError(f"index {index} is outside the vocab of {len(self)} tokens")
        return self.itos[index]

    def lookup_tokens(self, indices):
        return [self.lookup_token(index) for index in indices]


def yield_tokens(text: str) -> Iterator[str]:
    yield from text


def build_vocab_from_iterator(iterator: Iterable[str], specials: list[str]) -> Vocab:
    vocab = Vocab()
    for token in specials:
        vocab.append_token(token)
    for token in iterator:
        if token not in vocab:
            vocab.append_token(token)
    return vocab


class CharTokenizer:
    def __init__(self, text):
        self._vocab = build_vocab_from_iterator(
            yield_tokens(text), specials=["<pad>", "<unk>", "<eos>"]
        )
        self._vocab.set_default_index(self._vocab["<unk>"])
        self.vocab = self._vocab.itos
        self.vocab_size = len(self._vocab)

    def encode(self, text):
        return self._vocab.lookup_indices(yield_tokens(text))

    def decode(self, ids):
        return "".join(self._vocab.lookup_tokens(ids))
