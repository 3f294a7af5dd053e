class CharTokenizer:
    def __init__(self, text: str):
        # Les trois tokens spéciaux viennent d'abord : leur position est leur id (0, 1, 2).
        self.vocab: list[str] = ["<pad>", "<unk>", "<eos>"]

        # Ce dictionnaire va dans l'autre sens : caractère -> id.
        self.char_to_id: dict[str, int] = {}

        # On lit le texte de gauche à droite et on ajoute chaque caractère jamais vu.
        for char in text:
            if char not in self.char_to_id:
                # La longueur actuelle de vocab est le prochain id libre.
                self.char_to_id[char] = len(self.vocab)
                self.vocab.append(char)

        # La taille du vocabulaire, tokens spéciaux compris.
        self.vocab_size: int = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        # On commence avec une liste d'ids vide.
        ids = []

        # On cherche l'id de chaque caractère ; get renvoie 1 ("<unk>") s'il est inconnu.
        for char in text:
            ids.append(self.char_to_id.get(char, 1))

        # On renvoie la liste : un id par caractère.
        return ids  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        # On commence avec une liste de tokens vide.
        tokens = []

        for token_id in ids:
            # On vérifie l'id nous-mêmes, car vocab[-1] donnerait le dernier token sans erreur.
            if token_id < 0 or token_id >= self.vocab_size:
                raise ValueError(f"Cet id n'existe pas : {token_id}")

            # L'id est valide : on prend le token à cette position.
            tokens.append(self.vocab[token_id])

        # On colle les tokens, sans rien entre eux.
        return "".join(tokens)
