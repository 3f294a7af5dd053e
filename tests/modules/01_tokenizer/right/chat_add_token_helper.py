# Style: a chat model's answer, two dictionaries filled by an _add_token helper, black formatting.
"""A minimal character-level tokenizer.

Each distinct character of the training text is mapped to an integer id. Ids 0, 1 and 2 are
reserved for special tokens.
"""

from typing import Dict, Iterable, List

PAD_TOKEN = "<pad>"
UNK_TOKEN = "<unk>"
EOS_TOKEN = "<eos>"


class CharTokenizer:
    """Convert text to token ids and token ids back to text."""

    def __init__(self, text: str) -> None:
        self.special_tokens: List[str] = [PAD_TOKEN, UNK_TOKEN, EOS_TOKEN]
        self.char_to_id: Dict[str, int] = {}
        self.id_to_char: Dict[int, str] = {}

        # 1. The special tokens come first, so that their ids are always the same.
        for special_token in self.special_tokens:
            self._add_token(special_token)

        # 2. Then the characters, in order of first appearance.
        for char in text:
            self._add_token(char)

        self.unk_id: int = self.char_to_id[UNK_TOKEN]

    def _add_token(self, token: str) -> None:
        """Give the token the next free id, unless it already has one."""
        if token in self.char_to_id:
            return
        next_id = len(self.char_to_id)
        self.char_to_id[token] = next_id
        self.id_to_char[next_id] = token

    @property
    def vocab_size(self) -> int:
        """Number of tokens, including the special ones."""
        return len(self.id_to_char)

    @property
    def vocab(self) -> List[str]:
        """All tokens, ordered by id."""
        return [self.id_to_char[token_id] for token_id in range(self.vocab_size)]

    def encode(self, text: str) -> List[int]:
        """Convert a string into a list of token ids."""
        token_ids: List[int] = []
        for char in text:
            # PREDICT: what is here for "hello"?
            token_id = self.char_to_id.get(char, self.unk_id)
            token_ids.append(token_id)
        return token_ids

    def decode(self, ids: Iterable[int]) -> str:
        """Convert token ids back into a string."""
        characters: List[str] = []
        for token_id in ids:
            if token_id not in self.id_to_char:
                raise ValueError(
                    f"Token id {token_id} is out of range. Valid ids are 0 to {self.vocab_size - 1}."
                )
            characters.append(self.id_to_char[token_id])
        return "".join(characters)
