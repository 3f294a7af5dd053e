class CharTokenizer:
    def __init__(self, text: str):
        # Start the vocabulary with the three special tokens (ids 0, 1 and 2).
        self.vocab = ["<pad>", "<unk>", "<eos>"]

        # Make the reverse table (token -> id), so that encode can look up ids.
        self.token_to_id = {"<pad>": 0, "<unk>": 1, "<eos>": 2}

        # Add each character the first time it appears.
        for char in text:
            if char not in self.token_to_id:
                # The new id is the next free position in the list.
                self.token_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Store how many tokens there are.
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Start with no ids.
        ids = []

        # Add exactly one id for each character.
        for char in text:
            if char in self.token_to_id:
                ids.append(self.token_to_id[char])
            else:
                # An unknown character becomes "<unk>", which is id 1.
                ids.append(1)

        # Give back the finished list.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Start with no tokens.
        tokens = []

        for token_id in ids:
            # Refuse an id that does not exist. Without this check, Python
            # would read -1 as "the last item of the list".
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id {token_id} does not exist")

            # Look up the token at this position in the list.
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
