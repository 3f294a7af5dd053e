"""Unser Zerleger: Aus Buchstaben werden Nummern, und aus Nummern wieder Buchstaben.

Stellt euch eine Reihe von Schliessfächern vor. In jedem Fach liegt ein Zeichen.
Die ersten drei Fächer (0, 1 und 2) sind schon belegt, danach kommen die Zeichen des Textes.
"""

SONDERZEICHEN = ["<pad>", "<unk>", "<eos>"]
UNBEKANNT = 1
ERSTES_ZEICHEN = 3


class CharTokenizer:
    """Kennt jedes Zeichen eines Textes beim Namen und bei der Nummer."""

    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError("Ich brauche einen Text, also einen str.")

        # Schritt 1: Wir fangen mit den drei Sonderzeichen an (auf einer eigenen Liste!).
        self.vocab = list(SONDERZEICHEN)

        # Schritt 2: Wir lesen den Text von links nach rechts.
        # Ein Zeichen, das wir noch nicht haben, kommt hinten an die Liste.
        for zeichen in text:
            if zeichen not in self.vocab:
                self.vocab.append(zeichen)

        # Schritt 3: Wie viele Fächer sind es geworden?
        self.vocab_size = len(self.vocab)

        # Schritt 4: Nur die Zeichen, ohne die Sonderzeichen, als eine lange Schnur.
        self.alphabet = "".join(self.vocab[ERSTES_ZEICHEN:])

    def encode(self, text: str) -> list[int]:
        """Vom Text zu den Nummern."""
        if not isinstance(text, str):
            raise TypeError("Ich brauche einen Text, also einen str.")

        nummern = []
        for zeichen in text:
            # An welcher Stelle der Schnur steht das Zeichen? Python zählt ab 0.
            stelle = self.alphabet.find(zeichen)
            # find sagt -1, wenn es nichts gefunden hat.
            if stelle == -1:
                nummer = UNBEKANNT
            else:
                nummer = stelle + ERSTES_ZEICHEN
            nummern.append(nummer)  # PREDICT: what is here for "hello"?
        return nummern

    def decode(self, ids) -> str:
        """Von den Nummern zum Text."""
        text = ""
        for nummer in ids:
            # Ein Fach mit dieser Nummer muss es geben.
            if nummer < 0:
                raise ValueError(f"Es gibt keine negativen Nummern: {nummer}")
            if nummer >= self.vocab_size:
                raise ValueError(f"So viele Fächer gibt es nicht: {nummer}")
            # Wir kleben das Zeichen hinten an.
            text = text + self.vocab[nummer]
        return text
