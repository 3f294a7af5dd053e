"""Character-level tokenizer with the method names of `transformers` (slow tokenizer)."""

import re
from collections import OrderedDict

SPECIAL_TOKENS_MAP = {
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "eos_token": "<eos>",
}


class CharTokenizer:
    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError(f"text input must be of type `str`, got {type(text)}")
        self.unk_token = SPECIAL_TOKENS_MAP["unk_token"]
        self.all_special_tokens = list(SPECIAL_TOKENS_MAP.values())

        # Collect the tokens: special tokens, then the characters in reading order
        self.vocab = self.all_special_tokens + list(OrderedDict.fromkeys(text))

        # encoder: token -> id
        self.encoder = {token: index for index, token in enumerate(self.vocab)}
        self.unk_token_id = self.encoder[self.unk_token]

    @property
    def vocab_size(self) -> int:
        return len(self.vocab)

    def __len__(self):
        return self.vocab_size

    def get_vocab(self) -> dict:
        return dict(self.encoder)

    def tokenize(self, text: str) -> list[str]:
        """Split a string into tokens."""
        return list(text)

    def convert_tokens_to_ids(self, tokens: list[str]) -> list[int]:
        return [self.encoder.get(token, self.unk_token_id) for token in tokens]

    def convert_ids_to_tokens(self, ids, skip_special_tokens: bool = False) -> list[str]:
        tokens = []
        for index in ids:
            if index not in range(self.vocab_size):
                raise ValueError(f"id {index} is out of range for a vocabulary of {self.vocab_size}")
            token = self.vocab[index]
            if skip_special_tokens and token in self.all_special_tokens:
                continue
            tokens.append(token)
        return tokens

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        return "".join(tokens)

    @staticmethod
    def clean_up_tokenization(text: str) -> str:
        """Remove the space before a punctuation mark."""
        return re.sub(r" ([.,!?])", r"\1", text)

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError(f"text input must be of type `str`, got {type(text)}")
        # 1. text -> tokens
        tokens = self.tokenize(text)
        # 2. tokens -> ids
        return self.convert_tokens_to_ids(tokens)  # PREDICT: what is here for "hello"?

    def decode(self, ids, skip_special_tokens: bool = False, clean_up_tokenization_spaces: bool = False) -> str:
        # 1. ids -> tokens
        tokens = self.convert_ids_to_tokens(ids, skip_special_tokens=skip_special_tokens)
        # 2. tokens -> text
        text = self.convert_tokens_to_string(tokens)
        # 3. tidy up, only if wanted
        if clean_up_tokenization_spaces:
            text = self.clean_up_tokenization(text)
        return text
