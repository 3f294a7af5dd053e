# tokenizer.py - my first Python class :)
# text -> ids -> text, one id per character


class CharTokenizer:
    def __init__(self, text: str):
        # typeof text !== "string"
        if not isinstance(text, str):
            raise TypeError("text must be a string")

        # vocab[id] -> token, the special tokens go first
        self.vocab = ["<pad>", "<unk>", "<eos>"]

        # charToId[char] -> id (a Map in JS)
        self.charToId = {}

        # dict.fromkeys drops the doubles
        for char in dict.fromkeys(text):
            self.charToId[char] = len(self.vocab)
            self.vocab.append(char)

        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError("text must be a string")

        # text.split("").map(char => charToId.get(char) ?? 1)
        charToId = self.charToId
        return list(map(lambda char: charToId.get(char, 1), text))  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        result = ""

        for id in ids:
            # vocab[id] === undefined
            if id < 0 or id >= self.vocab_size:
                raise ValueError(f"unknown id: {id}")
            result += self.vocab[id]

        return result
