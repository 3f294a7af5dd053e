"""Inheritance: a general vocabulary that grows token by token, and a tokenizer that is one."""


class Vocabulary:
    """Tokens and their numbers."""

    def __init__(self, reserved):
        self._tokens = []
        self._number = {}
        for token in reserved:
            self.add(token)

    def add(self, token):
        """Give the token the next free number, unless it has one."""
        if token in self._number:
            return
        self._number[token] = len(self._tokens)
        self._tokens.append(token)

    def number_of(self, token, otherwise):
        return self._number.get(token, otherwise)

    def token_at(self, number):
        if number < 0:
            raise ValueError(f"negative id {number}")
        try:
            return self._tokens[number]
        except IndexError:
            raise ValueError(f"id {number} was never given out") from None

    @property
    def vocab(self):
        return list(self._tokens)

    @property
    def vocab_size(self):
        return len(self._number)


class CharTokenizer(Vocabulary):
    """A vocabulary whose tokens are characters."""

    reserved = "<pad>", "<unk>", "<eos>"

    def __init__(self, text):
        super().__init__(self.reserved)
        for char in text:
            self.add(char)

    def encode(self, text):
        return [self.number_of(char, otherwise=1) for char in text]

    def decode(self, ids):
        return "".join(self.token_at(number) for number in ids)
