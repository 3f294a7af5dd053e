# tokenizer.py


class CharTokenizer:
    """Turns text into ids (encode) and ids back into text (decode)."""

    def __init__(self, text: str):
        # Start with the special tokens: their ids are 0, 1 and 2.
        self.vocab: list[str] = ["<pad>", "<unk>", "<eos>"]

        # Make a lookup table for the other direction: character -> id.
        self.char_to_id: dict[str, int] = {}

        # Add each character the first time we see it, and skip repeats.
        for char in text:
            if char not in self.char_to_id:
                # The length before adding is the position the character will get.
                self.char_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # Store how many tokens there are.
        self.vocab_size: int = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # Start with an empty list of ids.
        ids = []

        # Look up each character; get() gives 1 ("<unk>") if it is not in the table.
        for char in text:
            ids.append(self.char_to_id.get(char, 1))

        # Give back the finished list: one id for each character.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # Start with an empty list of tokens.
        tokens = []

        for token_id in ids:
            # Refuse ids that do not exist (Python would read vocab[-1] as the last token).
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"id {token_id} does not exist in the vocabulary")

            # Look up the token at this position in the vocabulary.
            tokens.append(self.vocab[token_id])

        # Join the tokens with nothing between them.
        return "".join(tokens)
