# style : un cahier d'exercices en français, petits pas, des générateurs, une propriété
"""Leçon 1 : du texte aux numéros, et des numéros au texte."""

REMPLISSAGE = "<pad>"
INCONNU = "<unk>"
FIN = "<eos>"


class CharTokenizer:
    """Numérote les lettres d'un texte."""

    def __init__(self, text):
        # Les trois jetons spéciaux d'abord, puis les lettres.
        self.vocab = [REMPLISSAGE, INCONNU, FIN]
        self.numero_de = {}
        for lettre in text:
            self._apprendre(lettre)

    def _apprendre(self, lettre):
        # Une lettre déjà vue garde son numéro.
        if lettre in self.numero_de:
            return
        numero = len(self.vocab)
        self.numero_de[lettre] = numero
        self.vocab.append(lettre)

    @property
    def vocab_size(self):
        taille = len(self.vocab)
        return taille

    def _numeroter(self, texte):
        for lettre in texte:
            connue = lettre in self.numero_de
            if connue:
                yield self.numero_de[lettre]
            else:
                yield self.vocab.index(INCONNU)

    def encode(self, text):
        numeros = list(self._numeroter(text))
        return numeros

    def _nommer(self, numeros):
        dernier = len(self.vocab) - 1
        for numero in numeros:
            trop_petit = numero < 0
            trop_grand = numero > dernier
            if trop_petit or trop_grand:
                raise ValueError(f"le numéro {numero} n'existe pas")
            yield self.vocab[numero]

    def decode(self, ids):
        morceaux = self._nommer(ids)
        texte = "".join(morceaux)
        return texte
