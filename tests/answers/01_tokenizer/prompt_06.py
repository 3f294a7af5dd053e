class CharTokenizer:
    """Turns text into a list of ids, one per character, and ids back into text."""

    def __init__(self, text: str):
        # Start with the special tokens: their ids are 0, 1 and 2.
        self.vocab: list[str] = ["<pad>", "<unk>", "<eos>"]

        # Remember the id that stands for an unknown character.
        self._unk_id = 1

        # Prepare a dictionary for the other direction: character -> id.
        self._char_to_id: dict[str, int] = {}

        # Add each new character, in the order in which it first appears.
        for char in text:
            if char not in self._char_to_id:
                # The next free id is the current length of the list.
                self._char_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Store how many tokens there are, special tokens included.
        self.vocab_size: int = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Start with an empty list of ids.
        ids = []

        # Look up each character; get() gives the unknown id if it is missing.
        for char in text:
            ids.append(self._char_to_id.get(char, self._unk_id))

        # Give back the list: one id for each character.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Start with an empty list of tokens.
        tokens = []

        for token_id in ids:
            # Reject ids that do not exist.
            # Without this check, Python would read -1 as "the last item".
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id {token_id} does not exist")

            # Look up the token that has this id.
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
