class CharTokenizer:
    def __init__(self, text: str):
        # A token's id is its position in this list, so <pad> is 0, <unk> is 1, <eos> is 2.
        self.vocab = ["<pad>", "<unk>", "<eos>"]
        # dict.fromkeys drops repeats but keeps first-appearance order (a set would not).
        self.vocab.extend(dict.fromkeys(text))
        # With an empty text only the special tokens are there, so this is 3.
        self.vocab_size = len(self.vocab)
        # The reverse table, token -> id, lets encode look an id up without searching the list.
        self._token_to_id = {token: i for i, token in enumerate(self.vocab)}

    def encode(self, text: str) -> list[int]:
        # .get returns the character's id, or 1 (<unk>) if the character is unknown.
        # Going character by character means "<eos>" in a text is read as 5 plain characters.
        return [self._token_to_id.get(ch, 1) for ch in text]

    def decode(self, ids) -> str:
        tokens = []
        # One pass with a for loop works for any iterable: a list, a tuple, a generator.
        for i in ids:
            # Check both ends: Python would accept -1 as "the last item" without complaint.
            if i < 0 or i >= self.vocab_size:
                raise ValueError(f"id {i} is outside 0..{self.vocab_size - 1}")
            # Special tokens need no extra case: their names are what the vocab holds.
            tokens.append(self.vocab[i])
        # Join with nothing between the tokens, since spaces are characters of their own.
        return "".join(tokens)
