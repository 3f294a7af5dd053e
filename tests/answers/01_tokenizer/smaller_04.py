class CharTokenizer:
    def __init__(self, text: str):
        # A dict keeps its keys in insertion order and keeps each key once,
        # so this gives the different characters in order of first appearance.
        characters = list(dict.fromkeys(text))
        # A token's id is its position in this list: <pad> is 0, <unk> is 1, <eos> is 2.
        self.vocab = ["<pad>", "<unk>", "<eos>"] + characters
        # The number of tokens; the last valid id is one less than this.
        self.vocab_size = len(self.vocab)
        # The reverse table, token -> id, so that encode need not search the list.
        self._token_to_id = {token: i for i, token in enumerate(self.vocab)}

    def encode(self, text: str) -> list[int]:
        # Look up each character exactly as it stands; get() gives 1 if it is unknown.
        # "<eos>" typed in the text is read as five ordinary characters, never as id 2.
        return [self._token_to_id.get(character, 1) for character in text]

    def decode(self, ids) -> str:
        tokens = []
        # Go through ids only once, so that any iterable works, a generator too.
        for i in ids:
            # Check this ourselves: vocab[-1] would silently give the last token,
            # and an id that is too large would raise IndexError instead.
            if i < 0 or i >= self.vocab_size:
                raise ValueError(f"id {i} is outside 0 to {self.vocab_size - 1}")
            # The id is the token's position in vocab.
            tokens.append(self.vocab[i])
        # Join the tokens with nothing between them.
        return "".join(tokens)
