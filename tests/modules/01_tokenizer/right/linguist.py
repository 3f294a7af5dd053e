"""Tokeniseur de caractères.

Chaque caractère (graphème, au sens large) du corpus est un type et reçoit un rang dans un inventaire.
Coder un texte, c'est remplacer chaque occurrence par le rang de son type ; décoder, c'est l'inverse.
"""

# Trois formes qui n'appartiennent pas à la langue : remplissage, inconnu, fin de texte.
FORMES_SPECIALES = ("<pad>", "<unk>", "<eos>")
RANG_INCONNU = 1


class CharTokenizer:
    """Le lexique des caractères d'un corpus."""

    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError(f"le corpus doit être une chaîne, reçu : {type(text).__name__}")
        # L'inventaire : un type par caractère différent, dans l'ordre de la première attestation.
        inventaire = []
        attestes = set()
        for occurrence in text:
            if occurrence not in attestes:
                attestes.add(occurrence)
                inventaire.append(occurrence)
        # Rang -> forme.
        self.vocab = list(FORMES_SPECIALES) + inventaire
        self.vocab_size = len(self.vocab)
        # Forme -> rang.
        self.rangs = {forme: rang for rang, forme in enumerate(self.vocab)}

    def encode(self, text: str) -> list[int]:
        """Remplace chaque occurrence par le rang de son type (1 s'il n'est pas attesté)."""
        if not isinstance(text, str):
            raise TypeError(f"il faut une chaîne, reçu : {type(text).__name__}")
        suite = []
        for occurrence in text:
            # PREDICT: what is here for "hello"?
            rang = self.rangs.get(occurrence, RANG_INCONNU)
            suite.append(rang)
        return suite

    def decode(self, ids) -> str:
        """Remplace chaque rang par sa forme, et recolle les formes sans rien entre elles."""
        formes = []
        for rang in ids:
            # Un rang hors de l'inventaire ne désigne rien. (Python compterait -1 depuis la fin.)
            if rang < 0 or rang >= self.vocab_size:
                raise ValueError(f"rang {rang} : l'inventaire va de 0 à {self.vocab_size - 1}")
            formes.append(self.vocab[rang])
        return "".join(formes)
