class CharTokenizer:
    def __init__(self, text: str):
        # Start the vocabulary with the special tokens: ids 0, 1 and 2.
        self.vocab = ["<pad>", "<unk>", "<eos>"]

        # Make the reverse table, token -> id, for the special tokens.
        self.token_to_id = {"<pad>": 0, "<unk>": 1, "<eos>": 2}

        # Add each new character; its id is the next free position in the list.
        for char in text:
            if char not in self.token_to_id:
                self.token_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Store how many tokens there are.
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Start with an empty list of ids.
        ids = []

        # Add one id per character: its own id, or the id of "<unk>" if unknown.
        for char in text:
            if char in self.token_to_id:
                ids.append(self.token_to_id[char])
            else:
                ids.append(self.token_to_id["<unk>"])

        # Give back the finished list.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Start with an empty list of tokens.
        tokens = []

        for token_id in ids:
            # Refuse an id that does not exist.
            # (Without the check for < 0, Python would read -1 as "last item".)
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id {token_id} does not exist")

            # Look up the token at this position in the vocabulary.
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
