class CharTokenizer:
    def __init__(self, text: str):
        # Start with the special tokens. Their positions are their ids: 0, 1, 2.
        self.vocab: list[str] = ["<pad>", "<unk>", "<eos>"]

        # Make an empty dictionary for the other direction: character -> id.
        self.char_to_id: dict[str, int] = {}

        # Add each character the first time we see it.
        for char in text:
            if char not in self.char_to_id:
                # The next free id is the current length of vocab.
                self.char_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Store how many tokens there are.
        self.vocab_size: int = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Start with no ids.
        ids = []

        # Add one id for each character.
        for char in text:
            if char in self.char_to_id:
                ids.append(self.char_to_id[char])
            else:
                # Unknown character: use the id of "<unk>".
                ids.append(1)

        # Give back the finished list of ids.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Start with no tokens.
        tokens = []

        # Look up one token for each id.
        for token_id in ids:
            # Check first: Python would read vocab[-1] as the last token.
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id {token_id} does not exist")
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
