# style: Karpathy's lecture notebook from memory, encode and decode are lambdas made in __init__

specials = ['<pad>', '<unk>', '<eos>']

class CharTokenizer:

    def __init__(self, text):
        # here are all the unique characters that occur in this text, first come first served
        chars = sorted(set(text), key=text.index)
        self.vocab = specials + chars
        self.vocab_size = len(self.vocab)

        # create a mapping from characters to integers
        stoi = { ch:i for i,ch in enumerate(chars, start=len(specials)) }
        itos = { i:ch for i,ch in enumerate(self.vocab) }
        unk = specials.index('<unk>')

        def lookup(i):
            if i not in itos:
                raise ValueError(f'there is no token with the id {i}')
            return itos[i]

        # encoder: take a string, output a list of integers
        self.encode = lambda s: [stoi.get(c, unk) for c in s]
        # decoder: take a list of integers, output a string
        self.decode = lambda l: ''.join(lookup(i) for i in l)
