class CharTokenizer:
    def __init__(self, text: str):
        # The special tokens come first, so their ids are always 0, 1 and 2.
        self.vocab = ["<pad>", "<unk>", "<eos>"]
        # A dict holds each key once and remembers the order in which keys were
        # added, so this gives each character once, in order of first appearance.
        self.vocab.extend(dict.fromkeys(text))
        # The ids run from 0 to vocab_size - 1.
        self.vocab_size = len(self.vocab)
        # The reverse of vocab: from a token to its id, for fast lookup in encode.
        self._ids = {token: i for i, token in enumerate(self.vocab)}

    def encode(self, text: str) -> list[int]:
        # Look up each character exactly as it is; get() gives 1 if it is unknown.
        return [self._ids.get(char, 1) for char in text]

    def decode(self, ids) -> str:
        tokens = []
        # Go through ids only once, so that a generator works as well as a list.
        for i in ids:
            # Check both ends: without this, Python would read vocab[-1] as the
            # last token, and a too-large id would raise IndexError instead.
            if i < 0 or i >= self.vocab_size:
                raise ValueError(f"id {i} is not between 0 and {self.vocab_size - 1}")
            # A special token is an ordinary entry of vocab, so it shows by name.
            tokens.append(self.vocab[i])
        # Join the tokens with nothing between them.
        return "".join(tokens)
