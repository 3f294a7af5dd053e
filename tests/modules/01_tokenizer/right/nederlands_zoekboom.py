# Een tokenizer voor losse tekens.
# De tekens staan in een binaire zoekboom: links de kleinere, rechts de grotere.

ONBEKEND = 1


class Knoop:
    def __init__(self, teken, nummer):
        self.teken = teken
        self.nummer = nummer
        self.links = None
        self.rechts = None


class CharTokenizer:
    def __init__(self, text: str):
        if type(text) is not str and not isinstance(text, str):
            raise TypeError("dit is geen tekst")
        # Eerst de drie bijzondere tokens, de boom is nog leeg.
        self.vocab = ["<pad>", "<unk>", "<eos>"]
        self.vocab_size = 3
        self.wortel = None
        # Dan elk teken dat nog niet in de boom staat.
        for teken in text:
            self._plant(teken)

    def _zoek(self, teken):
        # Loop naar beneden tot het teken gevonden is, of tot er niets meer is.
        hier = self.wortel
        while hier is not None:
            if teken == hier.teken:
                return hier.nummer
            if teken < hier.teken:
                hier = hier.links
            else:
                hier = hier.rechts
        return ONBEKEND

    def _plant(self, teken):
        # Geeft het nummer van het teken. Een nieuw teken krijgt het volgende nummer.
        ouder = None
        hier = self.wortel
        while hier is not None:
            if teken == hier.teken:
                return hier.nummer
            ouder = hier
            hier = hier.links if teken < hier.teken else hier.rechts
        nieuw = Knoop(teken, self.vocab_size)
        if ouder is None:
            self.wortel = nieuw
        elif teken < ouder.teken:
            ouder.links = nieuw
        else:
            ouder.rechts = nieuw
        self.vocab.append(teken)
        self.vocab_size += 1
        return nieuw.nummer

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError("dit is geen tekst")
        nummers = []
        for teken in text:
            # Zoek het nummer van dit teken op.
            nummer = self._zoek(teken)  # PREDICT: what is here for "hello"?
            nummers.append(nummer)
        return nummers

    def decode(self, ids) -> str:
        zin = ""
        for nummer in ids:
            # Zo'n nummer moet bestaan.
            if nummer < 0:
                raise ValueError("een nummer kan niet negatief zijn: " + str(nummer))
            if nummer >= self.vocab_size:
                raise ValueError("dit nummer bestaat niet: " + str(nummer))
            # Plak het token achter de zin.
            zin = zin + self.vocab[nummer]
        return zin
