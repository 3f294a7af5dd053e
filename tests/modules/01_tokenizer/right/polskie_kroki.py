# Style: a Polish student, small steps, every intermediate result in a variable of its own.

SPECJALNE = ["<pad>", "<unk>", "<eos>"]
NIEZNANY = 1


def unikalne_znaki(tekst):
    # każdy znak tylko raz, w kolejności pojawiania się
    znaki = []
    for znak in tekst:
        juz_jest = znak in znaki
        if not juz_jest:
            znaki.append(znak)
    return znaki


class CharTokenizer:
    def __init__(self, text):
        # krok 1: słownik
        slownik = SPECJALNE.copy()
        nowe = unikalne_znaki(text)
        slownik.extend(nowe)
        self.vocab = slownik

        # krok 2: rozmiar słownika
        rozmiar = len(slownik)
        self.vocab_size = rozmiar

        # krok 3: tabela w drugą stronę, od tokenu do numeru
        numery = {}
        for numer in range(rozmiar):
            token = slownik[numer]
            numery[token] = numer
        self.numery = numery

    def encode(self, text):
        wynik = []
        for znak in text:
            numer = NIEZNANY
            if znak in self.numery:
                numer = self.numery[znak]
            wynik.append(numer)
        return wynik

    def decode(self, ids):
        napis = ""
        for numer in ids:
            za_maly = numer < 0
            za_duzy = numer >= self.vocab_size
            if za_maly or za_duzy:
                raise ValueError("nie ma takiego numeru: " + str(numer))
            token = self.vocab[numer]
            napis = napis + token
        return napis
