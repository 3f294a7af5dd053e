class CharTokenizer:
    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        # Special tokens first, then unique chars in order of appearance.
        self.vocab = ["<pad>", "<unk>", "<eos>", *dict.fromkeys(text)]
        self.vocab_size = len(self.vocab)
        # Reverse lookup.
        self.stoi = {tok: i for i, tok in enumerate(self.vocab)}

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        # Unknown chars map to 1.
        return [self.stoi.get(c, 1) for c in text]  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        ids = list(ids)
        # Reject ids that don't exist.
        if any(not 0 <= i < self.vocab_size for i in ids):
            raise ValueError("id out of range")
        # Join tokens.
        return "".join(self.vocab[i] for i in ids)
