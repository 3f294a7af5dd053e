# style: a German student, small steps, helper functions beside the class, a temp variable for everything

UNBEKANNT = "<unk>"


def baue_zeichenliste(text):
    # jedes Zeichen nur einmal, in der Reihenfolge des Auftretens
    zeichenliste = []
    for zeichen in text:
        schon_da = zeichen in zeichenliste
        if not schon_da:
            zeichenliste.append(zeichen)
    return zeichenliste


def baue_tabelle(liste):
    tabelle = {}
    nummer = 0
    for eintrag in liste:
        tabelle[eintrag] = nummer
        nummer = nummer + 1
    return tabelle


def pruefe_nummer(nummer, anzahl):
    zu_klein = nummer < 0
    zu_gross = nummer > anzahl - 1
    if zu_klein or zu_gross:
        meldung = "Nummer " + str(nummer) + " gibt es nicht"
        raise ValueError(meldung)


class CharTokenizer:

    def __init__(self, text):
        sonderzeichen = ["<pad>", UNBEKANNT, "<eos>"]
        zeichenliste = baue_zeichenliste(text)
        alles = sonderzeichen + zeichenliste
        anzahl = len(alles)
        self.vocab = alles
        self.vocab_size = anzahl
        self.tabelle = baue_tabelle(alles)

    def encode(self, text):
        ergebnis = []
        for zeichen in text:
            bekannt = zeichen in self.tabelle
            if bekannt:
                nummer = self.tabelle[zeichen]
            else:
                nummer = self.tabelle[UNBEKANNT]
            ergebnis.append(nummer)
        return ergebnis

    def decode(self, ids):
        ergebnis = ""
        for nummer in ids:
            pruefe_nummer(nummer, self.vocab_size)
            stueck = self.vocab[nummer]
            ergebnis = ergebnis + stueck
        return ergebnis
