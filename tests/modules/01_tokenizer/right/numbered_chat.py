"""
tokenizer.py - a character tokenizer for a small GPT (loop 1 of 4)

How it works:
1. The vocabulary is a list: first the three special tokens, then every new character.
2. encode() looks up the id of each character.
3. decode() looks up the token of each id and glues the tokens together.
"""


class CharTokenizer:
    """Translates between text and lists of ids."""

    def __init__(self, text: str):
        # Step 1: Make sure that we really received text.
        if not isinstance(text, str):
            raise TypeError("text must be a string")

        # Step 2: Start the vocabulary with the special tokens (ids 0, 1 and 2).
        self.vocab = ["<pad>", "<unk>", "<eos>"]
        self.unk_id = 1

        # Step 3: Add each character when we see it for the first time.
        seen = set()
        for char in text:
            if char not in seen:
                seen.add(char)
                self.vocab.append(char)

        # Step 4: Remember the size and build the reverse lookup (token -> id).
        self.vocab_size = len(self.vocab)
        self.stoi = {token: i for i, token in enumerate(self.vocab)}

    def encode(self, text: str) -> list[int]:
        # Step 1: Make sure that we really received text.
        if not isinstance(text, str):
            raise TypeError("text must be a string")

        # Step 2: Look up every character. Unknown characters get the id of <unk>.
        ids = []
        for char in text:
            if char in self.stoi:
                ids.append(self.stoi[char])  # PREDICT: what is here for "hello"?
            else:
                ids.append(self.unk_id)

        # Step 3: Return the finished list.
        return ids

    def decode(self, ids) -> str:
        # Step 1: Turn any iterable (list, tuple, generator) into a list.
        ids = list(ids)

        # Step 2: Validate all ids before using them. Negative ids would count from the end.
        for token_id in ids:
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"unknown id: {token_id}")

        # Step 3: Look up the tokens and join them with nothing in between.
        return "".join(self.vocab[token_id] for token_id in ids)
