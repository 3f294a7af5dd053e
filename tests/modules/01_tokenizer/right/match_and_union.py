# style: a fan of new syntax, with match, dictionary union, star unpacking and endless counters
"""Characters in, numbers out, and back."""

from itertools import count

PAD, UNK, EOS = range(3)
SPECIAL = {"<pad>": PAD, "<unk>": UNK, "<eos>": EOS}


class CharTokenizer:
    def __init__(self, text: str):
        characters = {}.fromkeys(text)
        self.ids = dict(SPECIAL)
        self.ids |= zip(characters, count(EOS + 1))
        self.vocab = [*self.ids]
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        ids = []
        for character in text:
            match self.ids.get(character):
                case None:
                    ids.append(UNK)
                case known:
                    ids.append(known)
        return ids

    def decode(self, ids) -> str:
        text = ""
        for id in ids:
            match id:
                case _ if id in range(self.vocab_size):
                    text += self.vocab[id]
                case _:
                    raise ValueError(f"{id=} is not one of 0 to {self.vocab_size - 1}")
        return text
