class CharTokenizer:
    def __init__(self, text: str):
        # Dict keys are unique and keep insertion order, so this lists each character once, unsorted.
        characters = list(dict.fromkeys(text))
        # A token's id is its position in this list, so the special tokens get ids 0, 1 and 2.
        self.vocab = ["<pad>", "<unk>", "<eos>"] + characters
        # Ids run from 0 to vocab_size - 1; with an empty text the size is 3.
        self.vocab_size = len(self.vocab)
        # The reverse table, from token to id, lets encode look up a character without searching the list.
        self._token_to_id = {token: i for i, token in enumerate(self.vocab)}

    def encode(self, text: str) -> list[int]:
        # Look up each character exactly as it is; get returns 1 when the character is unknown.
        return [self._token_to_id.get(character, 1) for character in text]

    def decode(self, ids) -> str:
        tokens = []
        # A plain for loop accepts any iterable: a list, a tuple, a generator and so on.
        for i in ids:
            # Check both ends ourselves, because Python would read vocab[-1] as the last token.
            if i < 0 or i >= self.vocab_size:
                raise ValueError(f"id {i} is outside 0..{self.vocab_size - 1}")
            # Special tokens are ordinary entries of vocab, so they appear by name.
            tokens.append(self.vocab[i])
        # Join with nothing between the tokens.
        return "".join(tokens)
