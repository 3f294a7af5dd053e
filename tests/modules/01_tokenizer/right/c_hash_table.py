#
# tokenizer.py -- porté de tokenizer.c, sans malloc ni free
#
# Une table de hachage à adressage ouvert (sondage linéaire) mène du code
# du caractère à son numéro. Les cases libres valent 0, comme après calloc().
#

ID_UNK = 1
NSPECIAL = 3
NIL = 0             # aucun caractère n'a le numéro 0 : c'est <pad>
CAP0 = 16           # capacité de départ


class htab:         # struct htab { int cap, used; int *keys, *vals; };
    __slots__ = ("cap", "used", "keys", "vals")


def htab_alloc(h, cap):
    h.cap = cap
    h.used = 0
    h.keys = [0] * cap
    h.vals = [NIL] * cap


def htab_slot(h, key):
    # la case de key, ou la case libre où il faudrait la mettre
    i = key % h.cap
    while h.vals[i] != NIL and h.keys[i] != key:
        i = (i + 1) % h.cap
    return i


def htab_store(h, key, val):
    i = htab_slot(h, key)
    h.keys[i] = key
    h.vals[i] = val
    h.used += 1


def htab_grow(h):
    keys, vals, cap = h.keys, h.vals, h.cap
    htab_alloc(h, 2 * cap)
    j = 0
    while j < cap:
        if vals[j] != NIL:
            htab_store(h, keys[j], vals[j])
        j += 1


def htab_put(h, key, val):
    # jamais plus de trois quarts de cases occupées
    if 4 * h.used >= 3 * h.cap:
        htab_grow(h)
    htab_store(h, key, val)


def htab_get(h, key):
    return h.vals[htab_slot(h, key)]


class CharTokenizer:
    def __init__(self, text: str):
        self.tab = htab()
        htab_alloc(self.tab, CAP0)
        self.vocab = ["<pad>", "<unk>", "<eos>"]
        self.vocab_size = NSPECIAL
        p = 0
        end = len(text)
        while p < end:
            c = ord(text[p])
            p += 1
            if htab_get(self.tab, c) != NIL:
                continue                        # déjà vu
            self.vocab.append(chr(c))
            htab_put(self.tab, c, self.vocab_size)
            self.vocab_size += 1

    def encode(self, text: str) -> list[int]:
        n = len(text)
        buf = [0] * n
        p = 0
        while p < n:
            val = htab_get(self.tab, ord(text[p]))
            buf[p] = ID_UNK if val == NIL else val
            p += 1
        return buf

    def decode(self, ids) -> str:
        out = []
        for id in ids:
            if id < 0 or id >= self.vocab_size:
                raise ValueError("numéro %d hors de [0, %d)" % (id, self.vocab_size))
            out.append(self.vocab[id])
        return "".join(out)
