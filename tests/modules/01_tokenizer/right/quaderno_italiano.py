# An Italian pupil's exercise book: small steps, a variable for each, everything written out.
NUMERO_SCONOSCIUTO = 1


class CharTokenizer:
    def __init__(self, text):
        # prima i tre simboli speciali
        simboli = ["<pad>", "<unk>", "<eos>"]
        # poi le lettere nuove, una dopo l'altra
        for lettera in text:
            già_vista = lettera in simboli
            if not già_vista:
                simboli += [lettera]
        self.vocab = simboli
        quanti = len(simboli)
        self.vocab_size = quanti

        # la tabella: lettera -> numero
        tabella = {}
        prossimo = 0
        for simbolo in simboli:
            tabella[simbolo] = prossimo
            prossimo = prossimo + 1
        self.tabella = tabella

    def numero_di(self, lettera):
        # la lettera non c'è: numero 1
        if lettera not in self.tabella:
            return NUMERO_SCONOSCIUTO
        numero = self.tabella[lettera]
        return numero

    def esiste(self, numero):
        troppo_piccolo = numero < 0
        troppo_grande = numero >= self.vocab_size
        sbagliato = troppo_piccolo or troppo_grande
        return not sbagliato

    def encode(self, text):
        risultato = []
        for lettera in text:
            numero = self.numero_di(lettera)
            risultato.append(numero)
        return risultato

    def decode(self, ids):
        frase = ""
        for numero in ids:
            if not self.esiste(numero):
                raise ValueError("il numero " + str(numero) + " non esiste")
            pezzo = self.vocab[numero]
            frase = frase + pezzo
        return frase
