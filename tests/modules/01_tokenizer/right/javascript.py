# tokenizer.py - text <-> ids, one id per character

SPECIALS = ["<pad>", "<unk>", "<eos>"]
UNK = 1
FIRST_CHAR = len(SPECIALS)

# small helpers, the ones that I miss from the other language
isString = lambda value: isinstance(value, str)
at = lambda array, index: array[index] if 0 <= index < len(array) else None


class CharTokenizer:

    def __init__(this, text: str):
        if not isString(text):
            raise TypeError("text is not a string")

        # vocab = [...SPECIALS]
        this.vocab = [*SPECIALS]
        # slotOf = new Map(): 0 for the first different character, 1 for the second, ...
        this._slotOf = {}

        # every different character once, in the order of appearance
        uniqueChars = [*dict.fromkeys(text)]
        for slot, char in enumerate(uniqueChars):
            this._slotOf[char] = slot
            this.vocab.append(char)

        this.vocab_size = len(this.vocab)

    def encode(this, text: str) -> list[int]:
        if not isString(text):
            raise TypeError("text is not a string")

        # the callback for map(): char => id
        def toId(char):
            slot = this._slotOf.get(char)
            return UNK if slot is None else FIRST_CHAR + slot

        return list(map(toId, text))  # PREDICT: what is here for "hello"?

    def decode(this, ids) -> str:
        # the callback for map(): id => token
        def toToken(id):
            token = at(this.vocab, id)
            if token is None:
                raise ValueError(f"unknown id: {id}")
            return token

        return "".join(map(toToken, ids))
