# Mon découpeur de texte : chaque lettre devient un numéro.
# L'alphabet est une simple chaîne ; la place d'une lettre donne son numéro.

SPECIAUX = ["<pad>", "<unk>", "<eos>"]
INCONNU = 1
DECALAGE = 3


class CharTokenizer:

    def __init__(self, text):
        # on construit l'alphabet, lettre après lettre
        self.alphabet = ""
        for lettre in text:
            if lettre not in self.alphabet:
                self.alphabet += lettre

        # le vocabulaire : d'abord les mots spéciaux, puis l'alphabet
        self.vocab = list(SPECIAUX)
        for lettre in self.alphabet:
            self.vocab.append(lettre)
        self.vocab_size = len(self.vocab)

    def encode(self, text):
        numeros = []
        for lettre in text:
            # find donne -1 si la lettre n'est pas là
            place = self.alphabet.find(lettre)
            if place >= 0:
                numero = place + DECALAGE
            else:
                numero = INCONNU
            numeros.append(numero)  # PREDICT: what is here for "hello"?
        return numeros

    def decode(self, ids):
        phrase = ""
        for numero in ids:
            # un numéro négatif compterait depuis la fin : on le refuse
            if numero < 0:
                raise ValueError("numéro négatif : " + str(numero))
            if numero > self.vocab_size - 1:
                raise ValueError("numéro trop grand : " + str(numero))
            # les trois premiers numéros sont les mots spéciaux
            if numero < DECALAGE:
                phrase = phrase + SPECIAUX[numero]
            else:
                phrase = phrase + self.alphabet[numero - DECALAGE]
        return phrase
