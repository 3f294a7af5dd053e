# Style: SentencePiece from memory, a trainer class, typed pieces, PieceToId and IdToPiece.
import enum
from typing import NamedTuple


class PieceType(enum.IntEnum):
    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3


class SentencePiece(NamedTuple):
    piece: str
    type: PieceType = PieceType.NORMAL


class CharModelTrainer:
    META_PIECES = (
        ("<pad>", PieceType.CONTROL),
        ("<unk>", PieceType.UNKNOWN),
        ("<eos>", PieceType.CONTROL),
    )

    def __init__(self, sentence):
        self.sentence = sentence

    def Train(self):
        pieces = [SentencePiece(name, type_) for name, type_ in self.META_PIECES]
        required_chars = set()
        for char in self.sentence:
            if char in required_chars:
                continue
            required_chars.add(char)
            pieces.append(SentencePiece(char))
        return pieces


class CharTokenizer:
    def __init__(self, text):
        self._pieces = CharModelTrainer(text).Train()
        self._ids = {}
        for piece_id, entry in enumerate(self._pieces):
            self._ids[entry.piece] = piece_id
            if entry.type == PieceType.UNKNOWN:
                self._unk_id = piece_id
        self.vocab = [entry.piece for entry in self._pieces]
        self.vocab_size = self.GetPieceSize()

    def GetPieceSize(self):
        return len(self._pieces)

    def PieceToId(self, piece):
        return self._ids.get(piece, self._unk_id)

    def IdToPiece(self, id):
        if id < 0 or id >= self.GetPieceSize():
            raise ValueError("piece id is out of range: %d" % id)
        return self._pieces[id].piece

    def encode(self, text):
        return [self.PieceToId(char) for char in text]

    def decode(self, ids):
        pieces = []
        for id in ids:
            pieces.append(self.IdToPiece(id))
        return "".join(pieces)
