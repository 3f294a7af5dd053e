# style: a Hugging Face "slow" tokenizer with its private hooks, written from memory
from collections import OrderedDict
from typing import Any, Dict, Iterable, List


class _PreTrainedTokenizer:
    """The part that Hugging Face would give us."""

    pad_token = "<pad>"
    unk_token = "<unk>"
    eos_token = "<eos>"

    @property
    def all_special_tokens(self) -> List[str]:
        return [self.pad_token, self.unk_token, self.eos_token]

    @property
    def unk_token_id(self) -> int:
        return self.all_special_tokens.index(self.unk_token)

    def convert_tokens_to_ids(self, tokens: List[str]) -> List[int]:
        ids = []
        for token in tokens:
            ids.append(self._convert_token_to_id(token))
        return ids

    def convert_ids_to_tokens(self, ids: Iterable[int]) -> List[str]:
        tokens = []
        for index in ids:
            index = int(index)
            tokens.append(self._convert_id_to_token(index))
        return tokens

    def encode(self, text: str) -> List[int]:
        tokens = self._tokenize(text)
        return self.convert_tokens_to_ids(tokens)

    def decode(self, token_ids: Iterable[int]) -> str:
        filtered_tokens = self.convert_ids_to_tokens(token_ids)
        return self.convert_tokens_to_string(filtered_tokens)


class CharTokenizer(_PreTrainedTokenizer):
    def __init__(self, text: str, **kwargs: Any) -> None:
        self._vocab_str_to_int: Dict[str, int] = OrderedDict()
        for token in self.all_special_tokens:
            self._add_token(token)
        for ch in text:
            self._add_token(ch)
        self._vocab_int_to_str: Dict[int, str] = {
            v: k for k, v in self._vocab_str_to_int.items()
        }
        self.init_kwargs = kwargs

    def _add_token(self, token: str) -> None:
        if token in self._vocab_str_to_int:
            return
        self._vocab_str_to_int[token] = len(self._vocab_str_to_int)

    @property
    def vocab(self) -> List[str]:
        return list(self._vocab_str_to_int.keys())

    @property
    def vocab_size(self) -> int:
        return len(self._vocab_str_to_int)

    def _tokenize(self, text: str) -> List[str]:
        return list(text)

    def _convert_token_to_id(self, token: str) -> int:
        return self._vocab_str_to_int.get(token, self.unk_token_id)

    def _convert_id_to_token(self, index: int) -> str:
        if index not in self._vocab_int_to_str:
            raise ValueError("index %d is not in the vocabulary" % index)
        return self._vocab_int_to_str[index]

    def convert_tokens_to_string(self, tokens: List[str]) -> str:
        return "".join(tokens)
