"""Java spoken in Python: declared fields, getters, a string builder, an explicit main class."""

import io


class CharTokenizer(object):
    PAD_ID = 0
    UNK_ID = 1
    EOS_ID = 2

    # declaration of the fields
    idToToken = []
    tokenToId = {}

    # constructor
    def __init__(self, text: str):
        self.idToToken = ["<pad>", "<unk>", "<eos>"]
        self.tokenToId = dict()
        for position in range(0, len(text), 1):
            self.addCharacter(text[position])

    def addCharacter(self, character: str) -> None:
        if self.isKnown(character):
            return
        self.tokenToId[character] = len(self.idToToken)
        self.idToToken.append(character)

    def isKnown(self, character: str) -> bool:
        return character in self.tokenToId.keys()

    # getters
    @property
    def vocab(self):
        return self.idToToken

    @property
    def vocab_size(self):
        return len(self.idToToken)

    def getId(self, character: str) -> int:
        if not self.isKnown(character):
            return CharTokenizer.UNK_ID
        return self.tokenToId[character]

    def getToken(self, tokenId: int) -> str:
        isValid = tokenId >= CharTokenizer.PAD_ID and tokenId < len(self.idToToken)
        if not isValid:
            raise ValueError("Illegal argument: {}".format(tokenId))
        return self.idToToken[tokenId]

    # public interface
    def encode(self, text: str):
        encodedText = []
        for position in range(0, len(text)):
            encodedText.append(self.getId(text[position]))
        return encodedText

    def decode(self, ids):
        builder = io.StringIO()
        for tokenId in ids:
            builder.write(self.getToken(tokenId))
        return builder.getvalue()
