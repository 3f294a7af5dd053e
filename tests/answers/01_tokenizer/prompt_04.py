class CharTokenizer:
    """Turns text into ids (one per character) and ids back into text."""

    def __init__(self, text: str):
        # Start with the three special tokens: their ids are 0, 1 and 2.
        self.vocab: list[str] = ["<pad>", "<unk>", "<eos>"]

        # Remember the id of "<unk>", because encode needs it.
        self.unk_id: int = 1

        # Prepare the reverse lookup: character -> id.
        self.char_to_id: dict[str, int] = {}

        # Add each new character, in the order in which it first appears.
        for char in text:
            if char not in self.char_to_id:
                # The next free id is the current length of the list.
                self.char_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Store how many tokens there are in total.
        self.vocab_size: int = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Start with an empty list of ids.
        ids = []

        # Look up each character; get() gives unk_id if it is not there.
        for char in text:
            ids.append(self.char_to_id.get(char, self.unk_id))

        # Give back the finished list.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Start with an empty list of tokens.
        tokens = []

        for token_id in ids:
            # Refuse ids that do not exist. Without this check, Python would
            # accept -1 and take the last item of the list.
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id {token_id} does not exist")

            # Look up the token that belongs to this id.
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
