"""Chapter 2, listing 2.3: a simple text tokenizer that works on characters."""


class CharTokenizer:
    """A tokenizer with one vocabulary in two directions: string to integer, integer to string."""

    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError("text must be a str")

        # The special context tokens of this chapter
        special_tokens = ["<pad>", "<unk>", "<eos>"]

        # All unique characters; a dict remembers the order in which they came
        unique_tokens = list(dict.fromkeys(text))

        # Build the vocabulary
        self.vocab = special_tokens + unique_tokens
        self.vocab_size = len(self.vocab)

        # Store the vocabulary as two dictionaries for the encode and decode methods
        self.str_to_int = {token: integer for integer, token in enumerate(self.vocab)}
        self.int_to_str = {i: s for s, i in self.str_to_int.items()}

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError("text must be a str")

        # Replace characters outside the vocabulary by <unk>
        preprocessed = [item if item in self.str_to_int else "<unk>" for item in text]

        # Turn the tokens into token IDs
        ids = [self.str_to_int[s] for s in preprocessed]  # PREDICT: what is here for "hello"?
        return ids

    def decode(self, ids) -> str:
        tokens = []
        for i in ids:
            # Token IDs outside the vocabulary cannot be translated
            if i not in self.int_to_str:
                raise ValueError(f"token ID {i} is not in the vocabulary (0 to {self.vocab_size - 1})")
            tokens.append(self.int_to_str[i])

        # Convert the tokens back into one text
        text = "".join(tokens)
        return text
