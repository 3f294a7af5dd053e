# tokenizer.py -- think of it as one categorical column: categories <-> integer codes
from itertools import chain

SPECIALS = ["<pad>", "<unk>", "<eos>"]
FILL_CODE = 1  # what .fillna() would put in for a category we never saw


class CharTokenizer:
    def __init__(self, text):
        if not isinstance(text, str):
            raise TypeError(f"expected a str, got {type(text)}")

        # like pd.unique: order of appearance, no sorting
        uniques = list(dict.fromkeys(text))

        # the categories: specials on top, then the characters
        self.vocab = list(chain(SPECIALS, uniques))
        self.vocab_size = len(self.vocab)

        # reversed table for the merge: category -> code
        self.codes = dict(zip(self.vocab, range(self.vocab_size)))

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError(f"expected a str, got {type(text)}")

        # .map(codes), then .fillna(FILL_CODE)
        col = map(self.codes.get, text)
        return [FILL_CODE if code is None else code for code in col]  # PREDICT: what is here for "hello"?

    def decode(self, ids):
        # materialise the column first, we go over it twice
        col = list(ids)

        # sanity check before the lookup: no code outside the table
        bad = [code for code in col if code < 0 or code >= self.vocab_size]
        if len(bad) > 0:
            raise ValueError(f"codes outside 0..{self.vocab_size - 1}: {bad[:5]}")

        # codes -> categories, then glue the column together
        return "".join(self.vocab[code] for code in col)
