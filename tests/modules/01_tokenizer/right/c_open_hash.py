# tokenizer.py - character tokenizer
# A small open-addressing hash table (linear probing) maps a code point to its id.

PAD = 0
UNK = 1
EOS = 2
NUM_SPECIAL = 3

FREE = -1         # marks a slot without a key
START_SIZE = 32   # must be a power of two


class HashTable:
    """int -> int. Slots live in two parallel arrays."""

    def __init__(self):
        self.size = START_SIZE
        self.used = 0
        self.keys = [FREE] * self.size
        self.values = [0] * self.size

    def find(self, key):
        # the slot of this key, or the free slot where it would go
        slot = key & (self.size - 1)
        while self.keys[slot] != FREE and self.keys[slot] != key:
            slot = (slot + 1) & (self.size - 1)
        return slot

    def grow(self):
        old_keys = self.keys
        old_values = self.values
        self.size = self.size * 2
        self.keys = [FREE] * self.size
        self.values = [0] * self.size
        i = 0
        while i < len(old_keys):
            if old_keys[i] != FREE:
                slot = self.find(old_keys[i])
                self.keys[slot] = old_keys[i]
                self.values[slot] = old_values[i]
            i += 1

    def has(self, key):
        return self.keys[self.find(key)] == key

    def get(self, key, otherwise):
        slot = self.find(key)
        if self.keys[slot] == FREE:
            return otherwise
        return self.values[slot]

    def put(self, key, value):
        # never more than half full, so that find() always meets a free slot
        if 2 * (self.used + 1) > self.size:
            self.grow()
        slot = self.find(key)
        if self.keys[slot] == FREE:
            self.used += 1
        self.keys[slot] = key
        self.values[slot] = value


class CharTokenizer:
    """text -> ids -> text, one id per character"""

    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError("text must be a str")

        # the special tokens come first
        self.vocab = [""] * NUM_SPECIAL
        self.vocab[PAD] = "<pad>"
        self.vocab[UNK] = "<unk>"
        self.vocab[EOS] = "<eos>"

        # then every new character
        self.table = HashTable()
        n = NUM_SPECIAL
        i = 0
        while i < len(text):
            code = ord(text[i])
            if not self.table.has(code):
                self.table.put(code, n)
                self.vocab.append(text[i])
                n += 1
            i += 1
        self.vocab_size = n

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        # allocate the result, then fill it
        ids = [UNK] * len(text)
        i = 0
        while i < len(text):
            ids[i] = self.table.get(ord(text[i]), UNK)  # PREDICT: what is here for "hello"?
            i += 1
        return ids

    def decode(self, ids) -> str:
        out = []
        for n in ids:
            # range check: a Python list would take -1
            if n < 0 or n >= self.vocab_size:
                raise ValueError("bad id: %r" % (n,))
            out.append(self.vocab[n])
        return "".join(out)
