class CharTokenizer:
    def __init__(self, text: str):
        # Start with the special tokens: their ids are 0, 1 and 2.
        self.vocab = ["<pad>", "<unk>", "<eos>"]

        # This dictionary goes the other way: from a character to its id.
        self.char_to_id = {}

        # Add each character the first time we see it.
        for char in text:
            if char not in self.char_to_id:
                # The next free id is the current length of the list.
                self.char_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Count all tokens, including the special ones.
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Start with no ids.
        ids = []

        # Add one id for each character.
        for char in text:
            if char in self.char_to_id:
                ids.append(self.char_to_id[char])
            else:
                # The character is unknown: use the id of "<unk>".
                ids.append(1)

        # Give back the finished list.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Start with no tokens.
        tokens = []

        for token_id in ids:
            # Stop if the id does not exist (Python would read -1 as "the last item").
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id {token_id} does not exist")

            # Look up the token at this position.
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
