class CharTokenizer:
    def __init__(self, text: str):
        # Start with the three special tokens: their ids are 0, 1 and 2.
        self.vocab: list[str] = ["<pad>", "<unk>", "<eos>"]

        # Make an empty dictionary for the other direction: character -> id.
        self.char_to_id: dict[str, int] = {}

        # Add each character the first time we see it.
        for char in text:
            if char not in self.char_to_id:
                # The next free id is the current length of the list.
                self.char_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Count all tokens, including the three special ones.
        self.vocab_size: int = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Start with an empty list of ids.
        ids = []

        # Look up each character; get() gives 1 ("<unk>") if it is not there.
        for char in text:
            ids.append(self.char_to_id.get(char, 1))

        # Give back the finished list: one id for each character.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Start with an empty list of tokens.
        tokens = []

        for token_id in ids:
            # Refuse an id that does not exist.
            # We must check for negative ids ourselves, because Python
            # reads vocab[-1] as "the last item" and raises no error.
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"There is no token with id {token_id}.")

            # Look up the token at this position in the vocabulary.
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
