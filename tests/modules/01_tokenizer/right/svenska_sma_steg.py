# Style: a Swedish student, Swedish names, very small steps with a variable for each of them.


def hitta_tecken(text):
    tecken = []
    for bokstav in text:
        ny = bokstav not in tecken
        if ny:
            tecken.append(bokstav)
    return tecken


def gor_tabell(ordlista):
    tabell = {}
    antal = len(ordlista)
    for i in range(antal):
        token = ordlista[i]
        tabell[token] = i
    return tabell


class CharTokenizer:
    def __init__(self, text):
        # först de tre speciella, sedan bokstäverna
        speciella = ["<pad>", "<unk>", "<eos>"]
        tecken = hitta_tecken(text)
        self.vocab = speciella + tecken
        self.vocab_size = len(self.vocab)
        self.nummer_for = gor_tabell(self.vocab)

    def encode(self, text):
        resultat = []
        for bokstav in text:
            if bokstav in self.nummer_for:
                nummer = self.nummer_for[bokstav]
            else:
                # okänd bokstav
                nummer = self.nummer_for["<unk>"]
            resultat.append(nummer)
        return resultat

    def decode(self, ids):
        mening = ""
        for nummer in ids:
            for_litet = nummer < 0
            for_stort = nummer >= self.vocab_size
            if for_litet or for_stort:
                fel = "det finns inget tecken med nummer " + str(nummer)
                raise ValueError(fel)
            token = self.vocab[nummer]
            mening = mening + token
        return mening
