class CharTokenizer:
    def __init__(self, text: str):
        # Start the vocabulary with the special tokens: their ids are 0, 1 and 2.
        self.vocab = ["<pad>", "<unk>", "<eos>"]

        # This dictionary goes the other way: from a character to its id.
        self.char_to_id = {}

        # Add each character the first time we see it.
        for char in text:
            if char not in self.char_to_id:
                # The next free id is the current length of the list.
                self.char_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Store how many tokens there are.
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Collect one id for each character.
        ids = []
        for char in text:
            # get() looks up the character, and gives 1 ("<unk>") if it is missing.
            char_id = self.char_to_id.get(char, 1)
            ids.append(char_id)

        # Give back the finished list of ids.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Collect one token for each id.
        tokens = []
        for token_id in ids:
            # Check the id ourselves: in a Python list, -1 would mean "the last item".
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id {token_id} does not exist")

            # The id is the token's position in the vocabulary.
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
