# the Lang class of PyTorch's seq2seq translation tutorial, from memory, with characters for words
PAD_token = 0
UNK_token = 1
EOS_token = 2


class Lang:
    def __init__(self, name):
        self.name = name
        self.char2index = {}
        self.char2count = {}
        self.index2char = {PAD_token: "<pad>", UNK_token: "<unk>", EOS_token: "<eos>"}
        self.n_chars = 3  # Count PAD, UNK and EOS

    def addSentence(self, sentence):
        for char in sentence:
            self.addChar(char)

    def addChar(self, char):
        if char not in self.char2index:
            self.char2index[char] = self.n_chars
            self.char2count[char] = 1
            self.index2char[self.n_chars] = char
            self.n_chars += 1
        else:
            self.char2count[char] += 1


def indexesFromSentence(lang, sentence):
    return [lang.char2index[c] if c in lang.char2index else UNK_token for c in sentence]


def sentenceFromIndexes(lang, indexes):
    decoded_chars = []
    for idx in indexes:
        if idx not in lang.index2char:
            raise ValueError("unknown index: %s" % idx)
        decoded_chars.append(lang.index2char[idx])
    return "".join(decoded_chars)


class CharTokenizer:
    def __init__(self, text):
        self.lang = Lang("story")
        self.lang.addSentence(text)

    @property
    def vocab(self):
        return [self.lang.index2char[i] for i in range(self.lang.n_chars)]

    @property
    def vocab_size(self):
        return self.lang.n_chars

    def encode(self, text):
        indexes = indexesFromSentence(self.lang, text)
        return indexes

    def decode(self, ids):
        return sentenceFromIndexes(self.lang, ids)
