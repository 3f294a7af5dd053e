"""Loop 1, the tokenizer: text becomes a list of numbers, and the numbers become text again.

A language model calculates, so it needs numbers. Here each character gets its own, its id.
Three ids are set aside: <pad> fills up short texts, <unk> stands for an unknown character,
<eos> ends a text.
"""

# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/01_tokenizer_test.py scaffolds/01_tokenizer_skeleton.py
# Or take it over:  cp scaffolds/01_tokenizer_skeleton.py mini_gpt/tokenizer.py

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
        # The vocabulary: the special tokens, then each new character as it appears.
        # The vocabulary leads from an id to its token. This dictionary leads back.
        raise NotImplementedError("write CharTokenizer.__init__ in mini_gpt/tokenizer.py")

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
        # Look up each character. One that is missing gets the id of <unk>.
        raise NotImplementedError("write CharTokenizer.encode in mini_gpt/tokenizer.py")

    def decode(self, ids: Iterable[int]) -> str:
        """Turn ids into a text. Special tokens appear by name, such as "<unk>".

        Args:
            ids: numbers from 0 to vocab_size - 1.

        Raises:
            ValueError: an id is outside this range.

        >>> CharTokenizer("hello world").decode([1, 4, 5, 5, 6])
        '<unk>ello'
        """
        # Go through the ids, and collect their tokens:
            # Refuse an id that nobody has. Python itself would accept -1 as "the last one".
            # Look up the token with this id.
        # Join the tokens without anything between them.
        raise NotImplementedError("write CharTokenizer.decode in mini_gpt/tokenizer.py")


if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys
    from pathlib import Path

    check = Path(__file__).resolve().parents[1] / "checks" / "01_tokenizer_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
