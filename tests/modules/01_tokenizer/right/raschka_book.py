# style: Raschka's book, SimpleTokenizerV2 from memory, bent to characters
all_special = ["<pad>", "<unk>", "<eos>"]


class CharTokenizer:
    def __init__(self, text):
        all_tokens = list(all_special)
        for item in text:
            if item not in all_tokens:
                all_tokens.append(item)
        vocab = {token: integer for integer, token in enumerate(all_tokens)}
        self.str_to_int = vocab
        self.int_to_str = {i: s for s, i in vocab.items()}
        self.vocab = all_tokens
        self.vocab_size = len(vocab)

    def encode(self, text):
        preprocessed = list(text)
        preprocessed = [
            item if item in self.str_to_int else "<unk>" for item in preprocessed
        ]
        # PREDICT: what is here for "hello"?
        ids = [self.str_to_int[s] for s in preprocessed]
        return ids

    def decode(self, ids):
        ids = [int(i) for i in ids]
        bad = [i for i in ids if i not in self.int_to_str]
        if bad:
            raise ValueError(f"no token has the id {bad[0]}")
        text = "".join([self.int_to_str[i] for i in ids])
        return text
