"""Loop 1, the tokenizer: text becomes a list of numbers, and the numbers become text again.

A language model calculates, so it needs numbers. Here each character gets its own, its id.
Three ids are set aside: <pad> fills up short texts, <unk> stands for an unknown character,
<eos> ends a text.
"""

from collections.abc import Iterable

SPECIAL_TOKENS = ["<pad>", "<unk>", "<eos>"]


class CharTokenizer:
    """Turn characters into ids, and ids into characters.

    Args:
        text: the text whose characters are to be known. It may be empty.

    Raises:
        TypeError: text is not a string.

    >>> tokenizer = CharTokenizer("hello world")
    >>> tokenizer.vocab
    ['<pad>', '<unk>', '<eos>', 'h', 'e', 'l', 'o', ' ', 'w', 'r', 'd']
    """

    def __init__(self, text: str):
        # Refuse what is not a text. A mistake named here is easier to find than one later on.
        if not isinstance(text, str):
            raise TypeError(f"text must be a string, got {type(text).__name__}")
        # The vocabulary: the special tokens, then each new character as it appears.
        self.vocab = SPECIAL_TOKENS + list(dict.fromkeys(text))
        self.vocab_size = len(self.vocab)
        # The vocabulary leads from an id to its token. This dictionary leads back.
        self.id_of = {token: token_id for token_id, token in enumerate(self.vocab)}

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids, one for each character.

        Args:
            text: any text. A character that is not in the vocabulary becomes <unk>, id 1.

        Raises:
            TypeError: text is not a string.

        >>> CharTokenizer("hello world").encode("Hello")
        [1, 4, 5, 5, 6]
        """
        # Refuse what is not a text: only a text has characters to look up.
        if not isinstance(text, str):
            raise TypeError(f"text must be a string, got {type(text).__name__}")
        # Look up each character. One that is missing gets the id of <unk>.
        unknown = self.id_of["<unk>"]
        return [self.id_of.get(character, unknown) for character in text]

    def decode(self, ids: Iterable[int]) -> str:
        """Turn ids into a text. Special tokens appear by name, such as "<unk>".

        Args:
            ids: numbers from 0 to vocab_size - 1.

        Raises:
            ValueError: an id is outside this range.

        >>> CharTokenizer("hello world").decode([1, 4, 5, 5, 6])
        '<unk>ello'
        """
        tokens = []
        # Go through the ids, and collect their tokens:
        for token_id in ids:
            # Refuse an id that nobody has. Python itself would accept -1 as "the last one".
            if not 0 <= token_id < self.vocab_size:
                raise ValueError(f"id must be 0 to {self.vocab_size - 1}, got {int(token_id)}")
            # Look up the token with this id.
            tokens.append(self.vocab[token_id])
        # Join the tokens without anything between them.
        return "".join(tokens)
