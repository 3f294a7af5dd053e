class CharTokenizer:
    def __init__(self, text: str):
        # The special tokens come first, so their ids are always 0, 1 and 2.
        special = ["<pad>", "<unk>", "<eos>"]
        # A dict keeps each key once, in the order in which it was first added.
        chars = list(dict.fromkeys(text))
        # A token's id is its position in this list.
        self.vocab = special + chars
        # Empty text leaves only the special tokens, so the size is then 3.
        self.vocab_size = len(self.vocab)
        # The reverse table, from character to id, saves encode from searching the list.
        self._char_to_id = {ch: i for i, ch in enumerate(chars, start=len(special))}

    def encode(self, text: str) -> list[int]:
        # Look up each character as it stands; get() gives 1 when it is unknown.
        return [self._char_to_id.get(ch, 1) for ch in text]

    def decode(self, ids) -> str:
        tokens = []
        # A plain loop reads the ids once, so a generator works as well as a list.
        for i in ids:
            # Check both ends: without this, Python would read -1 as the last token.
            if i < 0 or i >= self.vocab_size:
                raise ValueError(f"id {i} is not between 0 and {self.vocab_size - 1}")
            # Special tokens are in vocab under their names, so they need no extra case.
            tokens.append(self.vocab[i])
        # Join with nothing between the tokens.
        return "".join(tokens)
