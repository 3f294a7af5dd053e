# Style: the old keras.preprocessing.text.Tokenizer from memory (fit_on_texts, word_index).


class CharTokenizer:
    """Character-level text tokenization utility class, after the one in Keras."""

    reserved = ("<pad>", "<unk>", "<eos>")

    def __init__(
        self,
        text,
        lower=False,
        split="",
        oov_token="<unk>",
    ):
        self.lower = lower
        self.split = split
        self.oov_token = oov_token
        self.word_counts = {}
        self.word_index = {}
        self.index_word = {}
        self.fit_on_texts([text])

    def fit_on_texts(self, texts):
        for text in texts:
            for w in self._text_to_word_sequence(text):
                if w in self.word_counts:
                    self.word_counts[w] += 1
                else:
                    self.word_counts[w] = 1

        sorted_voc = list(self.reserved)
        sorted_voc.extend(self.word_counts)
        self.word_index = dict(zip(sorted_voc, range(len(sorted_voc))))
        self.index_word = {c: w for w, c in self.word_index.items()}

    def _text_to_word_sequence(self, text):
        if self.lower:
            text = text.lower()
        return list(text)

    def texts_to_sequences_generator(self, texts):
        oov_token_index = self.word_index[self.oov_token]
        for text in texts:
            vect = []
            for w in self._text_to_word_sequence(text):
                i = self.word_index.get(w)
                if i is None:
                    i = oov_token_index
                vect.append(i)
            yield vect

    def sequences_to_texts_generator(self, sequences):
        for seq in sequences:
            vect = []
            for num in seq:
                word = self.index_word.get(num)
                if word is None:
                    raise ValueError(f"Index {num} is not in the vocabulary.")
                vect.append(word)
            yield self.split.join(vect)

    def texts_to_sequences(self, texts):
        return list(self.texts_to_sequences_generator(texts))

    def sequences_to_texts(self, sequences):
        return list(self.sequences_to_texts_generator(sequences))

    @property
    def vocab(self):
        return list(self.word_index)

    @property
    def vocab_size(self):
        return len(self.word_index)

    def encode(self, text):
        return self.texts_to_sequences([text])[0]

    def decode(self, ids):
        return self.sequences_to_texts([ids])[0]
