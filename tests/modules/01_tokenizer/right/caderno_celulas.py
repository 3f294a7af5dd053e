# a notebook saved as a file: cells, Portuguese names, methods hung onto an empty class one by one
# %% [markdown]
# # Aula 1: o tokenizador

# %% 1. os tokens especiais
ESPECIAIS = ['<pad>', '<unk>', '<eos>']

# %% 2. a classe, por enquanto vazia
class CharTokenizer:
    pass

# %% 3. o vocabulario
def caracteres_unicos(texto):
    vistos = set()
    unicos = []
    for c in texto:
        if c in vistos:
            continue
        vistos.add(c)
        unicos.append(c)
    return unicos

def __init__(self, text):
    unicos = caracteres_unicos(text)
    self.vocab = ESPECIAIS + unicos
    self.vocab_size = len(self.vocab)
    self.char_para_id = dict(zip(self.vocab, range(self.vocab_size)))

CharTokenizer.__init__ = __init__

# %% 4. texto -> ids
def encode(self, text):
    ids = []
    for c in text:
        try:
            ids.append(self.char_para_id[c])
        except KeyError:
            ids.append(self.char_para_id['<unk>'])
    return ids

CharTokenizer.encode = encode

# %% 5. ids -> texto
def decode(self, ids):
    texto = ''
    for i in ids:
        if i not in range(self.vocab_size):
            raise ValueError(f'o id {i} nao existe')
        texto += self.vocab[i]
    return texto

CharTokenizer.decode = decode

# %% 6. teste
# tok = CharTokenizer('ola mundo')
# tok.decode(tok.encode('ola'))
