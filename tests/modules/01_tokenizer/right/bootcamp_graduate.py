"""A character tokenizer: every character of the training text gets its own number."""

PAD_TOKEN = "<pad>"
UNKNOWN_TOKEN = "<unk>"
END_TOKEN = "<eos>"
UNKNOWN_ID = 1


class CharTokenizer:
    """Translates between text and lists of ids."""

    def __init__(self, text: str):
        self._require_string(text)
        # Step 1: id -> token
        self.vocab = self._special_tokens()
        self._add_characters(text)
        self.vocab_size = len(self.vocab)
        # Step 2: token -> id
        self._id_by_token = self._build_lookup()

    # ---------- public methods ----------

    def encode(self, text: str) -> list[int]:
        """Return one id for each character of the text."""
        self._require_string(text)
        # PREDICT: what is here for "hello"?
        return [self._id_for(character) for character in text]

    def decode(self, ids) -> str:
        """Return the text that belongs to the ids."""
        tokens = []
        for token_id in ids:
            self._require_valid_id(token_id)
            tokens.append(self._token_for(token_id))
        return self._join(tokens)

    # ---------- building the vocabulary ----------

    @staticmethod
    def _special_tokens() -> list[str]:
        return [PAD_TOKEN, UNKNOWN_TOKEN, END_TOKEN]

    def _add_characters(self, text: str) -> None:
        seen_characters = set()
        for character in text:
            if character not in seen_characters:
                self.vocab.append(character)
                seen_characters.add(character)

    def _build_lookup(self) -> dict[str, int]:
        return {token: token_id for token_id, token in enumerate(self.vocab)}

    # ---------- looking things up ----------

    def _id_for(self, character: str) -> int:
        if self._is_known(character):
            return self._id_by_token[character]
        return UNKNOWN_ID

    def _is_known(self, character: str) -> bool:
        return character in self._id_by_token

    def _token_for(self, token_id: int) -> str:
        return self.vocab[token_id]

    @staticmethod
    def _join(tokens: list[str]) -> str:
        return "".join(tokens)

    # ---------- guards ----------

    @staticmethod
    def _require_string(text) -> None:
        if not isinstance(text, str):
            raise TypeError(f"Expected a string, but got {type(text).__name__}.")

    def _require_valid_id(self, token_id: int) -> None:
        is_valid = 0 <= token_id < self.vocab_size
        if not is_valid:
            raise ValueError(f"There is no token with the id {token_id}.")
