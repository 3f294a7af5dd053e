class CharTokenizer:
    """Turns text into a list of ids, one per character, and ids back into text."""

    def __init__(self, text: str):
        # Start the vocabulary with the three special tokens: ids 0, 1 and 2.
        self.vocab: list[str] = ["<pad>", "<unk>", "<eos>"]

        # Make the reverse table, token -> id, because encode needs that direction.
        self.token_to_id: dict[str, int] = {"<pad>": 0, "<unk>": 1, "<eos>": 2}

        # Add every different character, in the order in which it first appears.
        for char in text:
            if char not in self.token_to_id:
                # The next free id is the current length of the list.
                self.token_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Remember how many tokens there are.
        self.vocab_size: int = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Start with an empty list of ids.
        ids = []

        # Add one id per character; get() gives 1 ("<unk>") if it is not in the table.
        for char in text:
            ids.append(self.token_to_id.get(char, 1))

        # Hand back the finished list.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Start with an empty list of tokens.
        tokens = []

        for token_id in ids:
            # Refuse ids that do not exist. Python would read vocab[-1] as
            # "the last token", so negative ids must be checked too.
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id {token_id} is not in the vocabulary")

            # Look up the token that belongs to this id.
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
